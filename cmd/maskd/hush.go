package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

// numberLike is what in an argument may be somebody's number.
var numberLike = regexp.MustCompile(`\+?[0-9][0-9 ().-]{5,}[0-9]`)

// date is the one thing that looks like a number and is said often.
var date = regexp.MustCompile(`^20[0-9]{2}-[01][0-9]-[0-3][0-9]$`)

// hush takes out of what is said whatever in an argument may be a number that was
// written where none belongs, as a command, a flag, a value or the name of a file: it
// would go on to the log of whatever has started us. Directories are nobody's numbers.
func hush(text string, args []string) string {
	for _, arg := range args {
		for _, number := range numberLike.FindAllString(filepath.Base(arg), -1) {
			if !date.MatchString(number) {
				text = strings.ReplaceAll(text, number, "(number)")
			}
		}
	}
	return text
}
