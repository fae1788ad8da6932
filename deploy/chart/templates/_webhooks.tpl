{{- define "preflight.webhookMetadata" -}}
name: {{ include "preflight.name" . }}
labels: {{- include "preflight.labels" . | nindent 2 }}
{{- if eq .Values.certificates.source "certManager" }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "preflight.name" . }}
{{- end }}
{{- end }}

{{- /* What all entries have in common. */ -}}
{{- define "preflight.webhook" -}}
{{- $values := .root.Values -}}
admissionReviewVersions: [v1]
sideEffects: None
matchPolicy: Equivalent
timeoutSeconds: {{ $values.webhooks.timeoutSeconds }}
failurePolicy: {{ ternary .failurePolicy "Ignore" (eq $values.ceiling "enforce") }}
clientConfig:
  {{- if $values.webhooks.url }}
  url: {{ printf "%s%s" (trimSuffix "/" $values.webhooks.url) .path }}
  {{- else }}
  service: {name: {{ include "preflight.name" .root }}, namespace: {{ .root.Release.Namespace }}, path: {{ .path }}, port: 443}
  {{- end }}
  {{- if and (eq $values.certificates.source "secret") $values.certificates.secret.caBundle }}
  caBundle: {{ $values.certificates.secret.caBundle }}
  {{- end }}
namespaceSelector:
  matchLabels: {dapr-preflight.io/mode: {{ .mode }}}
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ concat (list "kube-system" .root.Release.Namespace) $values.webhooks.excludedNamespaces | uniq | toJson }}
{{- end }}

{{- define "preflight.pods" -}}
- {apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE], scope: Namespaced}
{{- end }}

{{- /* Whether what is named carries an annotation of Dapr's. */ -}}
{{- define "preflight.hasDapr" -}}
has({{ . }}.metadata) && has({{ . }}.metadata.annotations) && {{ . }}.metadata.annotations.exists(key, key.startsWith('dapr.io/'))
{{- end }}
