// The oracle behind the files of this folder: see README.md. Run it in a module that requires what that names.
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"time"

	inf "gopkg.in/inf.v0"
	"k8s.io/apimachinery/pkg/api/resource"
)

type Q struct {
	In    string  `json:"in"`
	Nanos *string `json:"nanos"`
	Int64 *int64  `json:"int64,omitempty"`
}
type D struct {
	In string `json:"in"`
	NS *int64 `json:"ns"`
}
type C struct {
	In     string   `json:"in"`
	Fields []string `json:"fields"`
	OK     bool     `json:"ok"`
}

func quantity(s string) Q {
	q, err := resource.ParseQuantity(s)
	if err != nil {
		return Q{In: s}
	}
	d := new(inf.Dec).Set(q.AsDec())
	d.Mul(d, inf.NewDec(1000000000, 0))
	d.Round(d, 0, inf.RoundUp)
	n := d.UnscaledBig()
	max, _ := new(big.Int).SetString("170141183460469231731687303715884105727", 10)
	if n.CmpAbs(max) > 0 {
		if n.Sign() < 0 {
			n = new(big.Int).Neg(max)
		} else {
			n = max
		}
	}
	str := n.String()
	r := Q{In: s, Nanos: &str}
	q2, _ := resource.ParseQuantity(s)
	if v, ok := q2.AsInt64(); ok {
		r.Int64 = &v
	}
	return r
}

func main() {
	rnd := rand.New(rand.NewSource(7))
	pick := func(xs ...string) string { return xs[rnd.Intn(len(xs))] }
	digits := func(n int) string {
		b := strings.Builder{}
		for i := rnd.Intn(n + 1); i > 0; i-- {
			b.WriteString(pick("0", "0", "0", "1", "2", "5", "7", "8", "9"))
		}
		return b.String()
	}
	out := func(name string, f func(w *bufio.Writer)) {
		fh, _ := os.Create(name)
		w := bufio.NewWriter(fh)
		f(w)
		w.Flush()
		fh.Close()
	}
	line := func(w *bufio.Writer, v any) { b, _ := json.Marshal(v); w.Write(b); w.WriteString("\n") }
	seen := map[string]bool{}
	out("quantities.jsonl", func(w *bufio.Writer) {
		fixed := []string{"", "0", ".", "-", "+", "m", "Ki", "E", "Ei", "e", "1e", "128m", "1e3", "1E3", "0.5Gi", "1G", "1Gi", "1E", "1K", ".5", "5.", "+1", "99999999999Ei", "1.0", "1000m", "4.5Mi", "4.0Mi", "1e-3", "1e4294967296", "1e4294967299", "8Ei", "7Ei", "-8Ei", "9223372036854775807", "9223372036854775808", "1000000000000000000", "999999999999999999", "99999999Mi", "100000000Mi", "123456789012Ki", "-.5", "+.5Ki", "-.5Ki", ".Ki", "5.Ki", "0.0000000001", "-0.0000000001Ki", "1+5", "1Ki5", "--1", "-+1", "1.2.3", "1e+3", "1E-3", "1e3Ki", "1e1.5", "0e5", "0.0", "00.00Mi", "-0", "1P", "1Pi", "12345678901234567890n", ".0Ki", "-.", "+.", "-m"}
		n := 0
		emit := func(s string) {
			if !seen[s] {
				seen[s] = true
				line(w, quantity(s))
				n++
			}
		}
		for _, s := range fixed {
			emit(s)
		}
		for n < 2500 {
			s := pick("", "", "", "-", "+") + digits(pick2(rnd, 3, 10, 22)) + pick("", "", ".") + digits(pick2(rnd, 2, 6, 22))
			s += pick("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E3", "e-3", "e+6", "e20", "e-12", "K", "ki", "mi", "e", "B", " ", "e0", "i", "e-9", "e18")
			emit(s)
		}
	})
	seen = map[string]bool{}
	out("durations.jsonl", func(w *bufio.Writer) {
		n := 0
		emit := func(s string) {
			if seen[s] {
				return
			}
			seen[s] = true
			n++
			d, err := time.ParseDuration(s)
			if err != nil {
				line(w, D{In: s})
				return
			}
			v := int64(d)
			line(w, D{In: s, NS: &v})
		}
		for _, s := range []string{"", "0", "-0", "+0", "30", "1d", "30s", "1m30s", "-5s", "1h1m1s1ms1us1ns", "1µs", "1μs", ".5s", "5.s", ".s", "-.s", "+", "-", "1.5h", "9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns", "-9223372036854775809ns", "9223372036854775808ns9223372036854775808ns", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "0.9223372036854775807h", "0.92233720368547758079h", "1S", "1 s", " 1s", "1s ", "1ss", "1e3s", "00s", "0.000000000001s", "3000000h", "0.33333333333333333333h", "1é", "1h 1m", "0s0", "--1s", "1..5s"} {
			emit(s)
		}
		for n < 1200 {
			s := pick("", "", "-", "+")
			for i := rnd.Intn(3) + 1; i > 0; i-- {
				s += digits(pick2(rnd, 2, 5, 20)) + pick("", "", ".") + digits(pick2(rnd, 0, 3, 20)) + pick("ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "")
			}
			emit(s)
		}
	})
	seen = map[string]bool{}
	out("csv.jsonl", func(w *bufio.Writer) {
		n := 0
		emit := func(s string) {
			if seen[s] {
				return
			}
			seen[s] = true
			n++
			if s == "" {
				line(w, C{In: s, OK: true})
				return
			}
			f, err := csv.NewReader(strings.NewReader(s)).Read()
			if err != nil {
				line(w, C{In: s})
				return
			}
			line(w, C{In: s, Fields: f, OK: true})
		}
		for _, s := range []string{"", "a", "a,b", "\"a\"", "\"a,b\",c", "a\"b", "\"a\"b", "\"a", "\"a\"\"b\"", "\n", "\r\n", "\n\na", "a\nb\"", "\"a\nb\"", "\"a\r\nb\"", " \"a\"", "a,", ",", "\"\"", "\"", "a\r\n", "a\r", "\r", "\"a\"\r\n", "\"a\"\r", "\"a\"\n\"", "\"\r\n\r\n\"", "\"a\r", "ü,\"ñ\""} {
			emit(s)
		}
		for n < 700 {
			s := ""
			for i := rnd.Intn(9); i > 0; i-- {
				s += pick("a", "b", "\"", "\"", ",", " ", "\n", "\r", "\r\n", "é")
			}
			emit(s)
		}
	})
	seen = map[string]bool{}
	out("integers.jsonl", func(w *bufio.Writer) {
		for i := 0; i < 400; i++ {
			s := pick("", "", "-", "+", "--", " ") + digits(pick2(rnd, 3, 18, 21)) + pick("", "", "", "_0", " ", ".", "e1")
			if seen[s] {
				continue
			}
			seen[s] = true
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				line(w, D{In: s})
			} else {
				line(w, D{In: s, NS: &v})
			}
		}
	})
	out("yaml.jsonl", func(w *bufio.Writer) { yamlTable(rand.New(rand.NewSource(7)), w) })
	fmt.Println("ok")
}

func pick2(r *rand.Rand, ns ...int) int { return ns[r.Intn(len(ns))] }
