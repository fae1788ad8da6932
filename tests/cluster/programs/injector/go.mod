// The pins are in v1.15.0.mod and v1.18.2.mod (go build -modfile); Go wants this file to find the module.
module dapr-preflight.io/tests/cluster/programs/injector

go 1.26
