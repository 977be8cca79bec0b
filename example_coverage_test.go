package storeorders_test

import (
	"go/ast"    //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/doc"    //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/parser" //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/token"  //nolint:depguard // it is of the standard library; the linter's list lacks it
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withoutExample are the methods that an interface of another package asks for,
// and that packages such as fmt, log/slog, encoding/json and errors call.
func withoutExample() []string {
	return []string{"Error", "Format", "Is", "LogValue", "MarshalJSON", "String", "Unwrap"}
}

// Every exported function and method, and every type of error, has an Example
// that go test runs.
func TestEveryExportedNameHasAnExample(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/seed-2861b391/storeorders")
	require.NoError(t, err)

	check := func(kind, name string, examples []*doc.Example) {
		runs := slices.ContainsFunc(examples, func(e *doc.Example) bool { return e.Output != "" })
		assert.Truef(t, runs, "the %s %s has no Example with an output", kind, name)
	}
	functions := pkg.Funcs
	left := map[string]bool{} // the methods of withoutExample that there are
	for _, typ := range pkg.Types {
		functions = slices.Concat(functions, typ.Funcs)
		for _, method := range typ.Methods {
			if slices.Contains(withoutExample(), method.Name) {
				left[method.Name] = true
			} else {
				check("method", typ.Name+"."+method.Name, method.Examples)
			}
			if method.Name == "Error" {
				check("error", typ.Name, typ.Examples)
			}
		}
	}
	for _, function := range functions {
		check("function", function.Name, function.Examples)
	}
	// Of a package that was not read there would be none.
	assert.Len(t, left, len(withoutExample()), "the list has a method that no type has")
}
