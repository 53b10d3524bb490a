package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
)

// fieldName is what a field of this API looks like. Another name is not said
// back: it may be a number that slipped into its place.
var fieldName = regexp.MustCompile(`^[a-z][a-z_]{0,31}(\.[a-z][a-z_]{0,31})*$`)

// Decode reads one JSON value strictly: an unknown field, a value of another
// type or anything behind it is a [*Problem]. No error quotes a value.
func Decode(from io.Reader, into any) error {
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return decodeProblem(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return newProblem(http.StatusBadRequest, "bad_json", "", "expected one JSON object and nothing behind it")
	}
	return nil
}

// decodeOptional reads a body that may be empty, which leaves into as it is.
func decodeOptional(r *http.Request, into any) error {
	if r.ContentLength == 0 {
		return nil
	}
	return Decode(r.Body, into)
}

func decodeProblem(err error) *Problem {
	var tooLarge *http.MaxBytesError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, "body_too_large", "", fmt.Sprintf("at most %d bytes", tooLarge.Limit))
	case errors.As(err, &kind):
		return newProblem(http.StatusBadRequest, "wrong_type", known(kind.Field), "expected "+describe(kind))
	case isUnknown:
		return newProblem(http.StatusBadRequest, "unknown_field", known(strings.Trim(unknown, `"`)), "there is no such field")
	case errors.As(err, &syntax):
		return newProblem(http.StatusBadRequest, "bad_json", "", fmt.Sprintf("not JSON from byte %d on", syntax.Offset))
	default:
		return newProblem(http.StatusBadRequest, "bad_json", "", "expected a JSON object")
	}
}

func known(field string) string {
	if !fieldName.MatchString(field) {
		return ""
	}
	return field
}

// describe names the JSON type that was expected.
func describe(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a whole number"
	}
}
