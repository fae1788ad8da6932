package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"math/rand"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// Y is what kubectl reads from a text: its documents as JSON up to the first error.
type Y struct {
	In    string            `json:"in"`
	Docs  []json.RawMessage `json:"docs"`
	Error string            `json:"error,omitempty"`
}

func readYAML(text string) (y Y) {
	y = Y{In: text, Docs: []json.RawMessage{}}
	defer func() {
		if r := recover(); r != nil {
			y.Error = "panic"
		}
	}()
	// As k8s.io/cli-runtime's StreamVisitor does.
	d := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return y
		}
		if err != nil {
			y.Error = err.Error()
			return y
		}
		if raw != nil {
			y.Docs = append(y.Docs, raw)
		}
	}
}

var yamlScalars = []string{"", "~", "null", "Null", "NULL", "nUll", "y", "Y", "n", "N", "yes", "Yes", "YES", "yEs", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "true", "True", "TRUE", "tRue", "false", "False", "FALSE", "0", "-0", "+0", "00", "0x", "0b", "0o", "0x1F", "0X1f", "-0x1F", "+0x1F", "0xG", "010", "-010", "+010", "08", "09.5", "0o17", "0O17", "-0o17", "0o8", "0b101", "0B101", "-0b101", "+0b101", "0b-1", "0b+1", "-0b-1", "0b2", "1_000", "_1", "1_", "1__0", "0x_1", "0_10", "-_1", "1:30", "190:20:30", "1:30.5", "1.", ".5", "-.5", "+.5", ".", "..", "-", "+", "1.5.2", "1e3", "1E3", "1e+3", "1e-3", "1e", "e3", "-1e3", ".5e3", ".e3", "1.e3", "1_0.5", "._5", ".5_0", "1e999", ".1e999", "-1e999", "1e-999", "1e20", "1e21", "1e22", "123456789012345678901234567890", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "+18446744073709551615", "0xFFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFF", ".inf", ".Inf", ".INF", ".iNf", "-.inf", "+.inf", ".nan", ".NaN", ".NAN", "-.nan", "inf", "nan", "2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10", "2001-13-01", "12:30:45", "1.0", "1.10", "100m", "1Gi", "0.1", "0.30000000000000004", "1e-7", "0.000001", "1.0e0", "=", "<<", "a b", "a: b", "'1'", "\"1\"", "''", "\"\"", "'a''b'", "\"a\\n\\x41\\u00e4\\U0001F600\\t\\\\\\\"\\/\\e\\_\\N\\L\\P\\a\\b\\v\\f\\r\\0\"", "\"\\ud83d\\ude00\"", "\"\\q\"", "!!str 1", "!!str", "!!int \"3\"", "!!int x", "!!float 3", "!!float x", "!!bool yes", "!!bool x", "!!null ~", "!!null x", "!!binary aGk=", "!!binary \"*\"", "!!timestamp 2001-01-01", "!!timestamp x", "!foo 1", "!foo", "! 1", "!!map {a: 1}", "!!seq [1]", "!!set {a}", "!!omap [a: 1]", "!<tag:yaml.org,2002:str> 1", "%a", "@a", "`a", "a#b", "a #b", "#", "- a", "[a, b]", "{a: b}", "[a, b", "{a}", "{a, b: }", "[,]", "[a,]", "{a: 1,}", "[a: 1]", "{a:1}", "{\"a\":1}", "{'a':1}", "{a: b: c}", "[[[]]]", "{? a : b}", "{[a]: b}", "{{ .Values.a }}", "\"{{ .Values.a }}\"", "x{{ .Values.a }}", "*a", "&a 1", "&a", "a\tb", "\ta", "a\t", "a\t# b", "\"a\tb\"", "\"a\n b\"", "'a\n\n b'", "a\n b", "a\n\n b", "|\n  a", "|\n  a\n", "|-\n  a\n\n", "|+\n  a\n\n", ">\n  a\n  b\n", ">-\n  a\n\n  b\n", ">\n  a\n    b\n  c\n", "|2\n   a\n", "|1\n  a\n", "|\n\n  a\n b\n", "|\n   \n  a\n", "|0\n a\n", "| # c\n  a\n", "|x\n  a\n", "|\n", "|+\n\n", ">\n\n\n  a\n\n\n"}

var yamlTexts = []string{"", "\n", "# c\n", "---\n", "---\n---\n", "a", "a: 1", "\ufeffa: 1\n", "\ufeff---\na: 1\n", "---\n\ufeffa: 1\n", "a: 1\r\nb:\r\n  - c\r\n", "a: 1\rb: 2\r", "a: |\r\n  x\r\n  y\r\n", "a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "1: a\n\"1\": b\n", "1: a\n", "1.5: a\n", "1e6: a\n", "1e-5: a\n", "123456789.5: a\n", "0x10: a\n", "yes: a\nno: b\n", "true: a\n", "~: a\n", "null: a\n", ": a\n", "? a\n", "? a\n: b\n", "? [a]\n: b\n", "[a]: b\n", "{a: 1}: b\n", "18446744073709551615: a\n", ".inf: a\n", "2001-01-01: a\n", "a:\n\tb: 1\n", "a:\n \tb: 1\n", "a: \t1\n", "a:\t1\n", "a: 1\t\n", "-\ta\n", "- \ta\n", "a: {\tb: 1}\n", "{\n\t\"a\": 1\n}\n", "a: [\n\t1\n\t]\n", "a\t: 1\n", "a: 1 # c\n", "a: 1# c\n", "a:1\n", "a: b: c\n", "a: 'b' c\n", "a: \"b\" # c\n", "a: \"b\"# c\n", "a:\n- 1\n- 2\n", "a:\n  - 1\n  -2\n", "a:\n- 1\n  - 2\n", "a:\n - 1\n- 2\n", "- a\n-\n- - b\n  - c\n", "- a: 1\n  b: 2\n-   c: 3\n    d: 4\n", "a:\n  b: 1\n c: 2\n", "a:\n  b: 1\n   c: 2\n", "  a: 1\n  b: 2\n", "  a: 1\n b: 2\n", "a: 1\n  b: 2\n", "a: b\n c: d\n", "a:\nb:\n", "a: &x {b: 1}\nc: *x\n", "a: &x 1\nc: *x\n*x : d\n", "a: &x [*x]\n", "a: *x\n", "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", "a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n", "a: &x {b: 1}\ne: &y {b: 2, c: 3}\nd: {<<: [*x, *y]}\n", "d: {<<: {a: 1}}\n", "d: {<<: 1}\n", "d: {<<: [1]}\n", "d: {<<: }\n", "d: {\"<<\": 1}\n", "a: &x {b: 1}\nd:\n  <<: *x\n  <<: {c: 1}\n", "&a a: 1\nb: *a\n", "a: &x\nb: *x\n", "a: &x\n  b: 1\nc: *x\n", "&x\na: 1\n", "--- a\n", "--- {a: 1}\n", "--- # c\na: 1\n", "---# c\n", "---a\n", "a: 1\n--- \nb: 2\n", "a: 1\n---\t\nb: 2\n", "a: 1\n---x\nb: 2\n", "a: 1\n...\n", "a: 1\n...\nb: 2\n", "a: 1\n...\n---\nb: 2\n", "a: 1\n... # c\n", "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\na: !b 1\n", "%FOO\n---\na: 1\n", "---\n%YAML 1.1\n---\na: 1\n", "a: |\n  x\n---\nb: 2\n", "a: \"x\n---\nb\"\n", "a: 1\n ---\n", "{\"a\": 1}", "{\"a\": 1}{\"b\": 2}", "{\"a\": 1}\n{\"b\": 2}\n", "{\"a\": 1}\n---\n{\"b\": 2}\n", "{\"a\": 1}\n---\nb: 2\n", "{\"a\": 1}\n{\"b\": 2}\n---\nc: 3\n", "{a: 1}\n{b: 2}\n", " {\"a\": 1, \"a\": 2}", "[1, 2]", "[1] [2]", "{\"a\": 1} x", "{\"a\": 1,}", "{\"a\": 01}", "{\"a\": 1.0}", "{\"a\": yes}", "{\"a\": \"\\u0041\\/\\ud83d\\ude00\"}", "{\"a\": \"\\x41\"}", "{\"a\": 1} # c\n", "# c\n{\"a\": 1}\n{\"b\": 1}\n", "{\"a\"\n:\n1}", "{\"a\": 1\n}\n\n\n", "a: {b: 1\n}\n", "a: {\nb: 1}\n", "a: {b: c\n d}\n", "a: [\n1,\n2\n]\n", "a: [1, # c\n 2]\n", "a: {b: \"c\", d: 'e', f: }\n", "a: {b: c:d}\n", "a: http://x:1/y\n", "a: b:\n", "a: -b\n", "a: - b\n", "a: ?b\n", "a: :b\n", "a: ::\n", "a: b - c\n", "a: 'b\n", "a: \"b\n", "a: {b\n", "a: ]\n", "a: }\n", "a: ,b\n", "a: b, c\n", "a: [b c, d]\n", "a: b # c\n  d\n", "a:\n  b\n  c\n", "a:\n  b\nc\n", "a:\n  'b'\n", "a:\n  \"b\"\n  c\n", "a:\n  # c\n  b: 1\n# d\n  c: 2\n", "a: # c\n  b: 1\n", "a:\n\n\n  b: 1\n", "\"a\": 1\n'b': 2\n", "\"a\" : 1\n", "\"a\"b: 1\n", "a b: 1\n", "a\nb: 1\n", "a: 1\nb\n", "a: 1\n\x00", "a: \x01\n", "a: \u0085b\n", "a: \u2028b\n", "a: \ue000\n", "a: \"\\\n  b\"\n", "a: \"b\\\n  c\"\n", "-\n  a: 1\n", "-\n a\n", "- \n- a\n", "a:\n  - b: 1\n\n    c: 2\n  # x\n  - d\n", "a:\n    - b\n    -\n      c: 1\n", "a: >\n x\ny: 1\n", "a: >x\n", "a: |\n x\n  y\n z\n", "a:\n  - |\n    x\n  - >-\n    y\n", "a: |\n  x\n # c\nb: 1\n", "a: |\n\tx\n", "a: !!binary |\n  aGk=\n", "a: [*x, &x 1]\n", "a: &x\n- 1\nb: *x\n", "key: [a, [b, {c: d}]]\n", strings.Repeat("k", 130) + ": 1\n", strings.Repeat("k", 1030) + ": 1\n", "\"" + strings.Repeat("k", 1030) + "\": 1\n"}

func yamlTable(rnd *rand.Rand, w *bufio.Writer) {
	seen := map[string]bool{}
	emit := func(text string) {
		if seen[text] {
			return
		}
		seen[text] = true
		b, _ := json.Marshal(readYAML(text))
		w.Write(b)
		w.WriteString("\n")
	}
	for _, text := range yamlTexts {
		emit(text)
	}
	for _, scalar := range yamlScalars {
		emit("v: " + scalar + "\n")
		emit("- " + scalar + "\n")
		if !strings.Contains(scalar, "\n") {
			emit(scalar + ": v\n")
			emit("v: [" + scalar + ", {k: " + scalar + "}]\n")
		}
	}
	pieces := []string{"a", "b", "c: ", "d:", "- ", "-", " ", "  ", "\n", "\n", "\n  ", "\n    ", "'x'", "\"y\"", "{", "}", "[", "]", ", ", ":", " # c", "|", ">", "1", "0x1", "yes", "~", "&r ", "*r", "!!str ", "<<: ", "\n---\n", "\t", "? ", "\r\n", "%", "''", ".5", "1_0"}
	for n := 0; n < 3000; n++ {
		var b strings.Builder
		for i := rnd.Intn(14); i >= 0; i-- {
			b.WriteString(pieces[rnd.Intn(len(pieces))])
		}
		emit(b.String())
	}
	mild := []string{"a: 1\n", "b:\n", "  c: x\n", "  d: [1, 'y']\n", "  - e\n", "  - f: 1\n    g: \"2\"\n", "- h\n", "    i: |\n      j\n", "  # c\n", "\n", "k: {l: m}\n", "  n:\n", "    - o: p\n", "q: >-\n  r\n  s\n", "t: u v # w\n", "---\n", "  x: \n", "y: 'z\n  z'\n"}
	for n := 0; n < 1500; n++ {
		var b strings.Builder
		for i := rnd.Intn(7); i >= 0; i-- {
			b.WriteString(mild[rnd.Intn(len(mild))])
		}
		emit(b.String())
	}
}
