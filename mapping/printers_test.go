package mapping_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"expvar"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"reflect"
	"text/template"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// A shape is a value that holds the secret in some way.
type shape struct {
	name  string
	value any
}

// failure is an error that holds what it is about.
type failure[T any] struct{ About T }

func (f failure[T]) Error() string { return fmt.Sprintf("failure about %v", f.About) }

// shapes puts the secret wherever Go can put a value.
func shapes[T comparable](v T) []shape {
	type exported struct{ Number T }
	type unexported struct{ number T }
	type embedded struct{ exported }
	type nested struct {
		Inner  *unexported
		inners []unexported
		any    any
	}
	return []shape{
		{"the bare value", v},
		{"a pointer", &v},
		{"an exported field", exported{v}},
		{"an unexported field", unexported{v}},
		{"an unexported pointer", struct{ number *T }{&v}},
		{"a pointer to a struct", &unexported{v}},
		{"an embedded struct", embedded{exported{v}}},
		{"a nested struct", nested{&unexported{v}, []unexported{{v}}, v}},
		{"an interface field", struct{ Any any }{v}},
		{"a slice", []T{v, v}},
		{"a slice of any", []any{v, &v}},
		{"an array", [1]T{v}},
		{"a map value", map[string]T{"k": v}},
		{"a map key", map[T]string{v: "k"}},
		{"an unexported map", struct{ m map[T]T }{map[T]T{v: v}}},
		{"an error", failure[T]{v}},
		{"a wrapped error", fmt.Errorf("call: %w", failure[T]{v})},
		{"joined errors", errors.Join(failure[T]{v}, fmt.Errorf("dial %v", v))},
	}
}

// A printer turns a value into text. One that masks must write the mask of a
// bare Number; the others write nothing of it, or fail.
type printer struct {
	name  string
	masks bool
	print func(v any) string
}

var printers = join(verbs("%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U",
	"%e", "%t", "%20v", "%-20.3v", "%08d"),
	[]printer{
		{"Sprint", true, func(v any) string { return fmt.Sprint(v) }},
		{"Sprintln", true, func(v any) string { return fmt.Sprintln(v) }},
		{"Errorf", true, func(v any) string { return fmt.Errorf("dial %v", v).Error() }},
		// The two formats below are computed, because vet rightly objects to them.
		{"a bad verb", true, func(v any) string { return fmt.Sprintf(fmt.Sprint("%", "Z"), v) }},
		{"an extra operand", true, func(v any) string { return fmt.Sprintf(fmt.Sprint("none"), v) }},
		{"a recovered panic", true, recovered},
		{"json", true, func(v any) string { return text(json.Marshal(v)) }},
		{"xml", true, func(v any) string { return text(xml.Marshal(v)) }},
		{"yaml", true, func(v any) string { return text(yaml.Marshal(v)) }},
		{"gob", true, gobbed},
		{"expvar", true, func(v any) string { return expvar.Func(func() any { return v }).String() }},
		{"text/template", true, func(v any) string {
			var b bytes.Buffer
			err := template.Must(template.New("").Parse(`{{.}} {{printf "%v %q" . .}}`)).Execute(&b, v)
			return text(b.Bytes(), err)
		}},
		{"html/template", false, func(v any) string { // escapes the plus of the mask
			var b bytes.Buffer
			err := htmltemplate.Must(htmltemplate.New("").Parse(`<a title="{{.}}">{{.}}</a><script>{{.}}</script>`)).Execute(&b, v)
			return text(b.Bytes(), err)
		}},
		{"reflect", false, func(v any) string { return fmt.Sprint(reflect.ValueOf(v)) + reflect.ValueOf(v).String() }},
		{"cmp.Diff", true, func(v any) string { return difference(v) }},
		{"cmp.Diff through unexported fields", true, func(v any) string {
			return difference(v, cmp.Exporter(func(reflect.Type) bool { return true }))
		}},
	},
	slogged("slog text", func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }),
	slogged("slog json", func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }),
	zapped("zap json", zapcore.NewJSONEncoder),
	zapped("zap console", zapcore.NewConsoleEncoder),
)

func join(groups ...[]printer) []printer {
	var all []printer
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

func text(b []byte, err error) string { return fmt.Sprint(string(b), err) }

func verbs(formats ...string) []printer {
	var all []printer
	for _, f := range formats {
		all = append(all, printer{f, true, func(v any) string { return fmt.Sprintf(f, v) }})
	}
	return all
}

func recovered(v any) (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	panic(v)
}

func gobbed(v any) string {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return text(b.Bytes(), err)
}

// difference compares with the zero value, as a failing test would; cmp panics
// where it may not look.
func difference(v any, opts ...cmp.Option) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprint(r)
		}
	}()
	zero := reflect.Zero(reflect.TypeOf(v)).Interface()
	return cmp.Diff(zero, v, opts...) + cmp.Diff([]any{zero}, []any{v, v}, opts...)
}

func slogged(name string, handler func(*bytes.Buffer) slog.Handler) []printer {
	logged := func(log func(*slog.Logger, any)) func(any) string {
		return func(v any) string {
			var b bytes.Buffer
			log(slog.New(handler(&b)), v)
			return b.String()
		}
	}
	return []printer{
		{name + " Any", true, logged(func(l *slog.Logger, v any) { l.Info("m", slog.Any("k", v)) })},
		{name + " With and Group", true, logged(func(l *slog.Logger, v any) { l.WithGroup("g").With("k", v).Info("m") })},
		{name + " message", true, logged(func(l *slog.Logger, v any) { l.Info(fmt.Sprint(v)) })},
	}
}

// record is what a caller with a MarshalLogObject of its own hands to zap.
type record struct{ value any }

func (r record) MarshalLogObject(e zapcore.ObjectEncoder) error { return e.AddReflected("v", r.value) }

func zapped(name string, encoder func(zapcore.EncoderConfig) zapcore.Encoder) []printer {
	logged := func(log func(*zap.Logger, any)) func(any) string {
		return func(v any) string {
			var b bytes.Buffer
			enc := encoder(zap.NewProductionEncoderConfig())
			log(zap.New(zapcore.NewCore(enc, zapcore.AddSync(&b), zapcore.DebugLevel)), v)
			return b.String()
		}
	}
	field := func(f func(v any) zap.Field) func(any) string {
		return logged(func(l *zap.Logger, v any) { l.Info("m", f(v)) })
	}
	return []printer{
		{name + " Any", true, field(func(v any) zap.Field { return zap.Any("k", v) })},
		{name + " Reflect", true, field(func(v any) zap.Field { return zap.Reflect("k", v) })},
		{name + " Stringer", true, field(func(v any) zap.Field {
			s, ok := v.(fmt.Stringer)
			if !ok {
				return zap.Skip()
			}
			return zap.Stringer("k", s)
		})},
		{name + " Object", true, field(func(v any) zap.Field { return zap.Object("k", record{v}) })},
		{name + " Inline", true, field(func(v any) zap.Field { return zap.Inline(record{v}) })},
		{name + " Error", true, field(func(v any) zap.Field { return zap.Error(fmt.Errorf("dial %v", v)) })},
		{name + " NamedError of the value", false, field(func(v any) zap.Field {
			err, _ := v.(error)
			return zap.NamedError("k", err)
		})},
		{name + " With", true, logged(func(l *zap.Logger, v any) { l.With(zap.Any("k", v)).Info("m") })},
		{name + " sugar", true, logged(func(l *zap.Logger, v any) { l.Sugar().Info(v) })},
		{name + " sugar Infof", true, logged(func(l *zap.Logger, v any) { l.Sugar().Infof("%v %+v", v, v) })},
		{name + " sugar Infow", true, logged(func(l *zap.Logger, v any) { l.Sugar().Infow("m", "k", v) })},
	}
}
