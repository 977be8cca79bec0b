// Command doclinks finds dead links in Markdown files, without a network: to
// files that are not there, to headings that are not there, and to references
// that are not defined. Links to other hosts are not followed.
//
//	git ls-files '*.md' | xargs go run ./internal/doclinks
//
// It prints FILE:LINE: LINK: what is wrong, and fails if there is any. It runs
// in the root of the repository, out of which no link may lead.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

func main() {
	if err := run(os.DirFS("."), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "doclinks:", err)
		os.Exit(1)
	}
}

func run(tree fs.FS, files []string, out io.Writer) error {
	if len(files) == 0 {
		return errors.New("name the Markdown files")
	}
	var report strings.Builder
	links, dead := 0, 0
	for _, file := range files {
		file = path.Clean(file)
		data, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		doc := read(string(data))
		for _, l := range doc.links {
			links++
			if why := l.check(tree, file); why != "" {
				dead++
				fmt.Fprintf(&report, "%s:%d: %s: %s\n", file, l.line, l.target, why)
			}
		}
	}
	fmt.Fprintf(&report, "%d links in %d Markdown files, %d dead\n", links, len(files), dead)
	if _, err := io.WriteString(out, report.String()); err != nil {
		return err
	}
	if dead > 0 {
		return errors.New("there are dead links: mend the link, or what it should lead to")
	}
	return nil
}

// document is what of a Markdown file links can lead from and to.
type document struct {
	links   []link
	anchors []string
}

type link struct {
	line      int
	target    string
	undefined bool // it is the name of a reference that has no definition
}

var (
	fence   = regexp.MustCompile("^\\s*(?:[-*+>]\\s+)?(`{3,}|~{3,})")
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
	heading = regexp.MustCompile(`^ {0,3}#{1,6}(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$`)
	rule    = regexp.MustCompile(`^ {0,3}(?:=+|-+)[ \t]*$`)
	block   = regexp.MustCompile(`^\s*(?:[#>|]|[-*+] |\d+[.)] |$)`)

	// A target is in angle brackets, or has no space and its parentheses in pairs.
	inline     = regexp.MustCompile(`\]\(\s*(<[^<>\n]*>|(?:[^\s()<]|\([^\s()]*\))(?:[^\s()]|\([^\s()]*\))*|)(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`)
	definition = regexp.MustCompile(`(?m)^ {0,3}\[([^\]^][^\]]*)\]:[ \t]*(<[^<>\n]*>|\S+)`)
	reference  = regexp.MustCompile(`\[([^\[\]]+)\]\[([^\[\]^]*)\]`)
	attribute  = regexp.MustCompile(`<[a-zA-Z][^<>]*?\s(href|src|id|name)\s*=\s*["']([^"']*)["']`)

	scheme = regexp.MustCompile(`^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)`)
	lines  = regexp.MustCompile(`^L(\d+)(?:-L(\d+))?$`)

	linkText = regexp.MustCompile(`!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?`)
	stress   = regexp.MustCompile(`\*+|\b_+|_+\b`)
)

// read finds the links and anchors of a Markdown file.
func read(text string) document {
	text = blank(comment, withoutFences(strings.ReplaceAll(text, "\r\n", "\n")))
	doc := document{anchors: anchorsOf(text)}
	text = withoutCode(text)
	at := func(offset int, target string, undefined bool) {
		line := 1 + strings.Count(text[:offset], "\n")
		doc.links = append(doc.links, link{line, strings.Trim(target, "<>"), undefined})
	}
	defined := map[string]bool{}
	for _, m := range definition.FindAllStringSubmatchIndex(text, -1) {
		defined[label(text[m[2]:m[3]])] = true
		at(m[0], text[m[4]:m[5]], false)
	}
	for _, m := range inline.FindAllStringSubmatchIndex(text, -1) {
		at(m[2], text[m[2]:m[3]], false)
	}
	for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[4]:m[5]]
		if name == "" { // [name][]
			name = text[m[2]:m[3]]
		}
		if !defined[label(name)] {
			at(m[0], name, true)
		}
	}
	for _, m := range attribute.FindAllStringSubmatchIndex(text, -1) {
		value := text[m[4]:m[5]]
		if name := text[m[2]:m[3]]; name == "href" || name == "src" {
			at(m[4], value, false)
		} else {
			doc.anchors = append(doc.anchors, value)
		}
	}
	slices.SortStableFunc(doc.links, func(a, b link) int { return a.line - b.line })
	return doc
}

// label is how names of references are compared.
func label(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// blank replaces what matches by spaces, and keeps the lines.
func blank(what *regexp.Regexp, text string) string {
	return what.ReplaceAllStringFunc(text, blanked)
}

func blanked(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, text)
}

// withoutFences blanks the blocks of code.
func withoutFences(text string) string {
	var b strings.Builder
	open := ""
	for line := range strings.Lines(text) {
		m := fence.FindStringSubmatch(line)
		switch {
		case open == "" && m == nil:
			b.WriteString(line)
			continue
		case open == "":
			open = m[1]
		case strings.HasPrefix(strings.TrimSpace(line), open) && strings.Trim(strings.TrimSpace(line), open[:1]) == "":
			open = ""
		}
		b.WriteString(blanked(line))
	}
	return b.String()
}

// withoutCode blanks what is between two runs of as many backquotes, in one
// paragraph.
func withoutCode(text string) string {
	var b strings.Builder
	for text != "" {
		start := strings.IndexByte(text, '`')
		if start < 0 {
			break
		}
		b.WriteString(text[:start])
		text = text[start:]
		run := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		end := closing(text[len(run):], len(run))
		if end < 0 {
			b.WriteString(run)
			text = text[len(run):]
			continue
		}
		whole := text[:len(run)+end]
		b.WriteString(blanked(whole))
		text = text[len(whole):]
	}
	return b.String() + text
}

// closing is the end of the first run of n backquotes, -1 if the paragraph has none.
func closing(text string, n int) int {
	if paragraph := strings.Index(text, "\n\n"); paragraph >= 0 {
		text = text[:paragraph]
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '`' {
			continue
		}
		run := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		i += run
		if run == n {
			return i
		}
	}
	return -1
}

// anchorsOf are those of the headings, as GitHub makes them.
func anchorsOf(text string) (anchors []string) {
	all := strings.Split(text, "\n")
	add := func(title string) {
		anchor := slug(title)
		for n, first := 1, anchor; slices.Contains(anchors, anchor); n++ {
			anchor = first + "-" + strconv.Itoa(n)
		}
		anchors = append(anchors, anchor)
	}
	for i, line := range all {
		if m := heading.FindStringSubmatch(line); m != nil {
			add(m[1])
		} else if i+1 < len(all) && rule.MatchString(all[i+1]) && !block.MatchString(line) {
			add(line)
		}
	}
	return anchors
}

// slug keeps letters, digits, "_" and "-" of what a heading shows.
func slug(title string) string {
	var shown strings.Builder
	for i, part := range strings.Split(linkText.ReplaceAllString(title, "$1"), "`") {
		if i%2 == 0 { // in code, * and _ are themselves
			part = stress.ReplaceAllString(part, "")
		}
		shown.WriteString(part)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.In(r, unicode.L, unicode.M, unicode.N):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, strings.TrimSpace(shown.String()))
}

// check tells what is wrong with a link in a file; "" if nothing is.
func (l link) check(tree fs.FS, file string) string {
	if l.undefined {
		return "no such reference is defined in this file"
	}
	if scheme.MatchString(l.target) {
		return ""
	}
	if l.target == "" {
		return "the target is empty"
	}
	place, anchor, hasAnchor := strings.Cut(l.target, "#")
	place, err := url.PathUnescape(place)
	if err != nil {
		return err.Error()
	}
	if anchor, err = url.PathUnescape(anchor); err != nil {
		return err.Error()
	}
	target := file
	switch {
	case strings.HasPrefix(place, "/"):
		target = path.Clean(place[1:]) // GitHub takes it from the root of the repository
	case place != "":
		target = path.Join(path.Dir(file), place)
	}
	if !fs.ValidPath(target) {
		return "it leads out of the repository"
	}
	info, err := fs.Stat(tree, target)
	switch {
	case err != nil:
		return "there is no such file"
	case !hasAnchor:
		return ""
	case info.IsDir():
		target = path.Join(target, "README.md")
	}
	return checkAnchor(tree, target, anchor)
}

func checkAnchor(tree fs.FS, file, anchor string) string {
	data, err := fs.ReadFile(tree, file)
	if err != nil {
		return "there is no file with headings"
	}
	if m := lines.FindStringSubmatch(anchor); m != nil {
		for _, number := range m[1:] {
			if n, err := strconv.Atoi(number); err == nil && n > strings.Count(string(data), "\n") {
				return file + " has no line " + number
			}
		}
		return ""
	}
	if path.Ext(file) != ".md" {
		return file + " has no headings"
	}
	if anchors := read(string(data)).anchors; !slices.Contains(anchors, anchor) {
		return fmt.Sprintf("%s has no such heading; it has: %s", file, strings.Join(anchors, ", "))
	}
	return ""
}
