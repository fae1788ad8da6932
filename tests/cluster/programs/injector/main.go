// Dapr's own sidecar injector (package pkg/injector/service), with a certificate from files in the place of Sentry.
//
// Its listener binds every address whatever it is told, so the TLS configuration turns away all but loopback.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr/dapr/pkg/client/clientset/versioned"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/injector/service"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	port := flag.Int("port", 0, "where to listen")
	certificate := flag.String("tls-cert-file", "", "serving certificate, PEM")
	key := flag.String("tls-private-key-file", "", "its key, PEM")
	anchors := flag.String("trust-anchors-file", "", "what is given to the sidecars as DAPR_TRUST_ANCHORS")
	flag.Parse()
	if err := run(*kubeconfig, *port, *certificate, *key, *anchors); err != nil {
		log.Fatal(err)
	}
}

func run(kubeconfig string, port int, certificate, key, anchors string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	client, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// client-go's default of 5 requests a second would add 200 ms to every pod.
	client.QPS = -1
	kube, err := kubernetes.NewForConfig(client)
	if err != nil {
		return err
	}
	dapr, err := versioned.NewForConfig(client)
	if err != nil {
		return err
	}
	if err := service.InitMetrics(); err != nil {
		return err
	}
	config, err := service.GetConfig()
	if err != nil {
		return err
	}
	controllers, err := service.AllowedControllersServiceAccountUID(ctx, config, kube)
	if err != nil {
		return err
	}
	injector, err := service.NewInjector(service.Options{
		AuthUIDs:                controllers,
		Config:                  config,
		DaprClient:              dapr,
		KubeClient:              kube,
		Port:                    port,
		ListenAddress:           "127.0.0.1",
		Healthz:                 healthz.New(),
		ControlPlaneNamespace:   config.Namespace,
		ControlPlaneTrustDomain: config.ControlPlaneTrustDomain,
	})
	if err != nil {
		return err
	}
	serving, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return err
	}
	sentry, err := spiffeid.FromString("spiffe://" + config.ControlPlaneTrustDomain + "/ns/" + config.Namespace + "/dapr-sentry")
	if err != nil {
		return err
	}
	return injector.Run(ctx, loopbackOnly(serving), sentry, func(context.Context) ([]byte, error) {
		return os.ReadFile(anchors)
	})
}

func loopbackOnly(serving tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{serving},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if peer, ok := hello.Conn.RemoteAddr().(*net.TCPAddr); ok && peer.IP.IsLoopback() {
				return nil, nil
			}
			return nil, errors.New("only loopback is served")
		},
	}
}
