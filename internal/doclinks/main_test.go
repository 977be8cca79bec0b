package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dead runs the check over README.md with this text, beside some other files.
func dead(t *testing.T, text string) []string {
	t.Helper()
	tree := fstest.MapFS{
		"README.md":         {Data: []byte(text)},
		"main.go":           {Data: []byte("package main\n\nfunc main() {}\n")},
		"docs/README.md":    {Data: []byte("# Docs\n")},
		"docs/a b (c).md":   {Data: []byte("# One\n\nTwo\n---\n\n## One\n")},
		"docs/img/logo.png": {Data: []byte("PNG")},
	}
	var out bytes.Buffer
	err := run(tree, []string{"README.md"}, &out)
	found := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := len(found) - 1
	assert.Regexp(t, `^\d+ links in 1 Markdown files, \d+ dead$`, found[last])
	if last == 0 {
		require.NoError(t, err)
		return nil
	}
	require.Error(t, err)
	return found[:last]
}

func TestLinksThatLead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"to a file":             "[a](main.go) [b](./docs/../main.go) [c](/main.go)",
		"to a folder":           "[a](docs) [b](docs/) [c](docs#docs)",
		"with a title":          "[a](main.go \"the program\") [b](main.go 'x') [c](\n  main.go\n)",
		"with spaces":           "[a](<docs/a b (c).md>) [b](docs/a%20b%20(c).md#one)",
		"over a line's end":     "[a\nb](main.go)",
		"to a heading":          "# Hello, `World_1`!\n[a](#hello-world_1)",
		"to a second heading":   "[a](<docs/a b (c).md#one-1>)",
		"to an underlined one":  "[a](<docs/a b (c).md#two>)\n\nTop\n===\n[b](#top)",
		"to a heading's link":   "## The [*quick*](docs) **start**\n[a](#the-quick-start)",
		"to one of code":        "## `_x_` _y_\n[a](#_x_-y)",
		"to one closed by ##":   "## A B ##\n[a](#a-b)",
		"to one with a dash":    "## a - b: ß\n[a](#a---b-ß) [b](#a---b-%C3%9F)",
		"to an anchor":          "<a id=\"here\"></a>\n[a](#here)",
		"to lines":              "[a](main.go#L1) [b](main.go#L1-L3)",
		"to an image":           "[![a](docs/img/logo.png)](main.go)\n<img src=\"docs/img/logo.png\">",
		"by reference":          "[a][the x] [The  X][] \n\n[the X]: main.go\n",
		"elsewhere":             "[a](https://example.com/nothing) [b](mailto:a@example.com) <https://example.com> [c](//example.com)",
		"nowhere, in code":      "`[a](b)` ``[a`](b)`` `a`` [a](b) `\n```sh\n[a](b)\n# x\n``` sh\n[a](b)\n```\n~~~~\n[a](b)\n~~~\n[a](b)\n~~~~\n",
		"nowhere, in a list":    "- x\n  ```\n  [a](b)\n  ```\n",
		"nowhere, in a comment": "<!-- [a](b)\n[c](d) -->",
		"nowhere: a footnote":   "a[^1]\n\n[^1]: main\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Empty(t, dead(t, text))
		})
	}
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"no file":             {"x\n\nsee [a](gone.go)", "README.md:3: gone.go: there is no such file"},
		"no file, an image":   {"![a](gone.png)", "README.md:1: gone.png: there is no such file"},
		"no file, in HTML":    {"<a href='gone.go'>", "README.md:1: gone.go: there is no such file"},
		"no file, defined":    {"[a][b]\n\n[b]: gone.go", "README.md:3: gone.go: there is no such file"},
		"no heading":          {"# Here\n[a](#there)", "README.md:2: #there: README.md has no such heading; it has: here"},
		"no heading there":    {"[a](docs/README.md#x)", "README.md:1: docs/README.md#x: docs/README.md has no such heading; it has: docs"},
		"no such case":        {"# Here\n[a](#Here)", "README.md:2: #Here: README.md has no such heading; it has: here"},
		"no third heading":    {"# A\n# A\n[a](#a-2)", "README.md:3: #a-2: README.md has no such heading; it has: a, a-1"},
		"a heading in code":   {"```\n# A\n```\n[a](#a)", "README.md:4: #a: README.md has no such heading; it has: "},
		"a list over a rule":  {"- A\n---\n[a](#--a)", "README.md:3: #--a: README.md has no such heading; it has: "},
		"no headings in it":   {"[a](main.go#main)", "README.md:1: main.go#main: main.go has no headings"},
		"no README":           {"[a](docs/img#x)", "README.md:1: docs/img#x: there is no file with headings"},
		"no such line":        {"[a](main.go#L2-L4)", "README.md:1: main.go#L2-L4: main.go has no line 4"},
		"no reference":        {"[a][b]", "README.md:1: b: no such reference is defined in this file"},
		"no short reference":  {"[a][]", "README.md:1: a: no such reference is defined in this file"},
		"out of the tree":     {"[a](../main.go)", "README.md:1: ../main.go: it leads out of the repository"},
		"nothing":             {"[a]()", "README.md:1: : the target is empty"},
		"a bad escape":        {"[a](main%zz)", `README.md:1: main%zz: invalid URL escape "%zz"`},
		"after code":          {"``a` [x](main.go)``\n`b` [a](gone.go)", "README.md:2: gone.go: there is no such file"},
		"after a lone quote":  {"a ` b\n\n[a](gone.go) `", "README.md:3: gone.go: there is no such file"},
		"after a fence":       {"````\n```\n````\n[a](gone.go)", "README.md:4: gone.go: there is no such file"},
		"inside another link": {"[![a](gone.png)](main.go)", "README.md:1: gone.png: there is no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, []string{c.want}, dead(t, c.text))
		})
	}
}

func TestAPlaceIsOfTheFileOrOfTheRoot(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"main.go":        {},
		"docs/README.md": {Data: []byte("[a](../main.go) [b](/main.go) [c](README.md) [d](/docs)\n[e](main.go) [f](/README.md) [g](../../main.go)")},
	}
	var out bytes.Buffer
	require.Error(t, run(tree, []string{"./docs/README.md"}, &out))
	assert.Equal(t, []string{
		"docs/README.md:2: main.go: there is no such file",
		"docs/README.md:2: /README.md: there is no such file",
		"docs/README.md:2: ../../main.go: it leads out of the repository",
		"7 links in 1 Markdown files, 3 dead",
	}, strings.Split(strings.TrimSpace(out.String()), "\n"))
}

func TestNothingToCheckIsAnError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Error(t, run(fstest.MapFS{}, nil, &out))
	require.Error(t, run(fstest.MapFS{}, []string{"gone.md"}, &out))
}
