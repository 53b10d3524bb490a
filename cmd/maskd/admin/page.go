package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"maskd/mapping"
)

// Page is a part of a list, in the order of the ids, which is that of time.
type Page[T any] struct {
	Data []T    `json:"data"`
	Next string `json:"next"` // ask for what is after this; empty: that was all
}

// Bounds of a page.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// window is the part of a list that was asked for.
type window struct {
	after mapping.ID
	limit int
}

func readWindow(r *http.Request, kind mapping.Kind, more ...string) (window, url.Values, error) {
	query, err := readQuery(r, append(more, "limit", "after")...)
	if err != nil {
		return window{}, nil, err
	}
	var w window
	if w.limit, err = readLimit(query); err != nil {
		return window{}, nil, err
	}
	if text := query.Get("after"); text != "" {
		if w.after, err = mapping.ParseID(kind, text); err != nil {
			return window{}, nil, invalidField("after", "malformed", "expected an id, such as the next of the page before")
		}
	}
	return w, query, nil
}

// readQuery reads parameters, each of them at most once and no others.
func readQuery(r *http.Request, names ...string) (url.Values, error) {
	query := r.URL.Query()
	for name, values := range query {
		if !slices.Contains(names, name) {
			return nil, newProblem(http.StatusBadRequest, "unknown_parameter", known(name), "there is no such parameter here")
		}
		if len(values) > 1 {
			return nil, newProblem(http.StatusBadRequest, "duplicate_parameter", known(name), "expected once")
		}
	}
	return query, nil
}

func readLimit(query url.Values) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, invalidField("limit", "out_of_range", "from 1 to 1000")
	}
	return limit, nil
}

// page makes a page of the first limit items; one more tells that there are
// more.
func page[T, W any](items []T, limit int, id func(T) string, view func(T) W) Page[W] {
	p := Page[W]{Data: make([]W, 0, min(len(items), limit))}
	if len(items) > limit {
		items = items[:limit]
		p.Next = id(items[limit-1])
	}
	for _, item := range items {
		p.Data = append(p.Data, view(item))
	}
	return p
}
