package main

import (
	"bytes"
	"go/ast"      //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/importer" //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/parser"   //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/token"    //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/types"    //nolint:depguard // it is of the standard library; the linter's list lacks it
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// of is the text of a package p with these declarations.
func of(t *testing.T, declarations string) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", "package p\n"+declarations, parser.SkipObjectResolution)
	require.NoError(t, err)
	config := types.Config{Importer: importer.Default()}
	pkg, err := config.Check("example.com/p", files, []*ast.File{file}, nil)
	require.NoError(t, err)
	return linesOf(pkg)
}

func TestEachDeclarationIsALine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ declarations, want string }{
		"constants": {
			`type S string
			const ( A S = "a"; B = "b\n"; C = 1 << 70; D int64 = 2; E = 0.5; f = 1 )`,
			`const A S = "a"
			const B = "b\n"
			const C = 1180591620717411303424
			const D int64 = 2
			const E = 1/2
			type S string`,
		},
		"variables": {
			`var A, B error; var C = map[string][]*[3]int{}; var d int; var E chan<- func()`,
			`var A error
			var B error
			var C map[string][]*[3]int
			var E chan<- (func())`,
		},
		"functions": {
			`import ( "iter"; "encoding/json" )
			func A(a, b int, c ...string) (n int, err error) { return }
			func B[K comparable, V any, N ~string | ~int](iter.Seq2[K, V], func(x N) (y bool)) json.RawMessage { return nil }
			func c() {}`,
			`func A(int, int, ...string) (int, error)
			func B[K comparable, V any, N ~int | ~string](iter.Seq2[K, V], func(N) bool) encoding/json.RawMessage`,
		},
		"structs": {
			`type T struct { A, B int; C string ` + "`json:\"c,omitzero\" url:\"d\"`" + `; d int }
			type U struct { A []byte }
			type V struct {}`,
			`field T.A int
			field T.B int
			field T.C string ` + "`json:\"c,omitzero\"`" + `
			field U.A []byte
			type T struct, with unexported fields
			type U struct, not comparable
			type V struct`,
		},
		"embedded": {
			`type T struct { *Inner; hidden; A int }
			type Inner struct { C int }
			type hidden struct { A string; B int; deeper }
			type deeper struct { D bool }
			func (hidden) M() {}
			func (*Inner) N() {}`,
			`field Inner.C int
			field T.A int
			field T.B int
			field T.D bool
			field T.Inner (embedded) *Inner
			method (*Inner) N()
			method (T) M()
			method (T) N()
			type Inner struct
			type T struct, with unexported fields`,
		},
		"methods": {
			`type T struct{}
			func (T) A(x int) T { return T{} }
			func (t *T) B() (ok bool) { return }
			func (T) c() {}
			type hidden struct{}
			func (hidden) D() {}`,
			`method (*T) B() bool
			method (T) A(int) T
			type T struct`,
		},
		"interfaces": {
			`import "io"
			type I interface { io.Closer; A(x int) }
			type J interface { A(); b() }
			type K interface { ~string | ~int; M() }
			func F(interface{ Wait(n int) error }) any { return nil }`,
			`func F(interface{Wait(int) error}) any
			method (I) A(int)
			method (I) Close() error
			method (J) A()
			method (K) M()
			type I interface
			type J interface, with unexported methods
			type K interface{M(); ~int | ~string}`,
		},
		"other types": {
			`type A = []int; type B func(string) error; type C[T any] struct { V T }; type D map[string]C[int]
			func (C[U]) M(U) {}`,
			`field C.V T
			method (C) M(U)
			type A = []int
			type B func(string) error
			type C[T any] struct
			type D map[string]C[int]`,
		},
		"names that are not exported": {
			`type config struct{ a int }
			type Option func(*config) error
			func Do(config) (c *config) { return }
			type T struct { A config; B struct{ a int; B config } }
			type I interface { A(interface{ a() config }) }`,
			`field T.A unexported
			field T.B struct{unexported int; B unexported}
			func Do(unexported) *unexported
			method (I) A(interface{unexported() unexported})
			type I interface
			type Option func(*unexported) error
			type T struct`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for line := range strings.Lines(c.want) {
				want = append(want, "p "+strings.TrimSpace(line))
			}
			assert.Equal(t, want, of(t, c.declarations))
		})
	}
}

func TestPackagesAreReadAsOthersSeeThem(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"io/fs", "bufio", "errors"}, &out))
	assert.Contains(t, out.String(), "errors func New(string) error\n")
	assert.Contains(t, out.String(), "errors func AsType[E error](error) (E, bool)\n")
	assert.Contains(t, out.String(), "fs field PathError.Op string\n", "it is an alias")
	assert.True(t, slices.IsSorted(strings.SplitAfter(strings.TrimSuffix(out.String(), "\n"), "\n")))
	assert.NotContains(t, out.String(), "errors var errorType")
}

func TestAPackageThatIsNotThere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Error(t, run(t.Context(), []string{"./there-is-no-such-package"}, &out))
	require.Error(t, run(t.Context(), nil, &out))
	assert.Empty(t, out.String())
}
