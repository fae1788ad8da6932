# A static binary and nothing else. It needs no certificates of others: the API server's authority comes with the service
# account. Pin the builder by digest to get the same bytes every time: see deploy/image/build.
FROM docker.io/library/rust:1.95-bookworm AS build
# aws-lc's C is built by cmake.
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN deploy/image/build /out/dapr-preflight

FROM scratch
LABEL org.opencontainers.image.title="dapr-preflight" \
      org.opencontainers.image.description="Makes Dapr workloads on Kubernetes production-ready" \
      org.opencontainers.image.source="https://github.com/dapr-preflight/dapr-preflight" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/dapr-preflight /dapr-preflight
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/dapr-preflight"]
