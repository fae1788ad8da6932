{{- /* The webhook configurations have a fixed name: it sorts before dapr-sidecar-injector, so that Dapr reads what was added. */ -}}
{{- define "preflight.name" -}}dapr-preflight{{- end }}

{{- define "preflight.selector" -}}
app.kubernetes.io/name: dapr-preflight
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "preflight.labels" -}}
{{ include "preflight.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "preflight.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "preflight.tlsSecret" -}}
{{- if eq .Values.certificates.source "secret" }}{{ .Values.certificates.secret.name }}{{ else }}dapr-preflight-tls{{ end }}
{{- end }}

{{- /* The Secret and the Lease that managed certificates are kept and agreed on by. */ -}}
{{- define "preflight.managedSecret" -}}dapr-preflight-certificates{{- end }}
