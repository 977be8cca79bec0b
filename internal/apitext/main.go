// Command apitext prints the exported API of packages as text, one line a
// declaration, sorted, so that a change of the API is a change of a file:
//
//	go run ./internal/apitext . ./storeorderstest
//
// Not in it are the names of parameters, comments, and the order of fields.
// Packages are named by their whole path, a type that is not exported as
// "unexported", whatever its name.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "apitext:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, patterns []string, out io.Writer) error {
	packages, err := load(ctx, patterns)
	if err != nil {
		return err
	}
	var lines []string
	for _, pkg := range packages {
		lines = append(lines, linesOf(pkg)...)
	}
	slices.Sort(lines)
	_, err = io.WriteString(out, strings.Join(lines, "\n")+"\n")
	return err
}

// load compiles the packages and reads back what others see of them.
func load(ctx context.Context, patterns []string) ([]*types.Package, error) {
	if len(patterns) == 0 {
		return nil, errors.New("name a package")
	}
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,DepOnly", "--"}, patterns...)
	list := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the packages are the caller's to name
	list.Stderr = os.Stderr
	output, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", strings.Join(patterns, " "), err)
	}
	exports := map[string]string{}
	var asked []string
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p struct {
			ImportPath, Export string
			DepOnly            bool
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			asked = append(asked, p.ImportPath)
		}
	}
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	packages := make([]*types.Package, 0, len(asked))
	for _, path := range asked {
		pkg, err := compiled.Import(path)
		if err != nil {
			return nil, err
		}
		packages = append(packages, pkg)
	}
	return packages, nil
}

// surface collects the lines of one package.
type surface struct {
	pkg   *types.Package
	lines []string
}

func linesOf(pkg *types.Package) []string {
	s := &surface{pkg: pkg}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if token.IsExported(name) {
			s.object(scope.Lookup(name))
		}
	}
	slices.Sort(s.lines)
	return s.lines
}

func (s *surface) add(format string, args ...any) {
	s.lines = append(s.lines, s.pkg.Name()+" "+fmt.Sprintf(format, args...))
}

func (s *surface) object(object types.Object) {
	switch o := object.(type) {
	case *types.Const:
		s.add("const %s%s = %s", o.Name(), s.constType(o.Type()), constText(o.Val()))
	case *types.Var:
		s.add("var %s %s", o.Name(), s.text(o.Type()))
	case *types.Func:
		s.add("func %s%s", o.Name(), s.signature(o.Signature()))
	case *types.TypeName:
		s.typeName(o)
	}
}

func (s *surface) constType(t types.Type) string {
	if basic, is := t.(*types.Basic); is && basic.Info()&types.IsUntyped != 0 {
		return ""
	}
	return " " + s.text(t)
}

func constText(v constant.Value) string {
	if v.Kind() == constant.String {
		return strconv.Quote(constant.StringVal(v))
	}
	return v.ExactString()
}

func (s *surface) typeName(o *types.TypeName) {
	if alias, is := o.Type().(*types.Alias); is {
		s.add("type %s%s = %s", o.Name(), s.typeParams(alias.TypeParams()), s.text(alias.Rhs()))
		return
	}
	named, is := o.Type().(*types.Named)
	if !is { // no declaration gives anything else
		panic(fmt.Sprintf("%s is a %T", o.Name(), o.Type()))
	}
	head := "type " + o.Name() + s.typeParams(named.TypeParams()) + " "
	switch t := named.Underlying().(type) {
	case *types.Struct:
		s.add("%sstruct%s", head, notes(named, hasUnexportedFields(t), "fields"))
		s.fields(named, t)
	case *types.Interface:
		if !t.IsMethodSet() { // a constraint: its methods alone do not tell who fits
			s.add("%s%s", head, s.text(t))
			break
		}
		s.add("%sinterface%s", head, notes(named, hasUnexportedMethods(t), "methods"))
	default:
		s.add("%s%s", head, s.text(t))
	}
	s.methods(named)
}

// notes says of a type what its exported members do not: whether literals
// without names and implementations of others can be, and whether == can. Of a
// generic type that depends on its arguments.
func notes(t *types.Named, unexported bool, what string) (text string) {
	if unexported {
		text += ", with unexported " + what
	}
	if t.TypeParams().Len() == 0 && !types.Comparable(t) {
		text += ", not comparable"
	}
	return text
}

func hasUnexportedFields(t *types.Struct) bool {
	for field := range t.Fields() {
		if !field.Exported() {
			return true
		}
	}
	return false
}

func hasUnexportedMethods(t *types.Interface) bool {
	for method := range t.Methods() {
		if !method.Exported() {
			return true
		}
	}
	return false
}

// fields adds the fields of t as fields of the type that can be selected on
// it: those of an embedded struct that is not exported are its own.
func (s *surface) fields(of *types.Named, t *types.Struct) {
	for i := range t.NumFields() {
		field := t.Field(i)
		if field.Embedded() && !field.Exported() {
			if inner, is := deref(field.Type()).Underlying().(*types.Struct); is {
				s.fields(of, inner)
			}
			continue
		}
		if found, _, _ := types.LookupFieldOrMethod(of, true, s.pkg, field.Name()); !field.Exported() || found != field {
			continue
		}
		name := of.Obj().Name() + "." + field.Name()
		if field.Embedded() {
			name += " (embedded)"
		}
		s.add("field %s %s%s", name, s.text(field.Type()), wireName(t.Tag(i)))
	}
}

// wireName is what of a tag programs rely on: how package json writes the field.
func wireName(tag string) string {
	if name, has := reflect.StructTag(tag).Lookup("json"); has {
		return fmt.Sprintf(" `json:%q`", name)
	}
	return ""
}

func deref(t types.Type) types.Type {
	if pointer, is := types.Unalias(t).(*types.Pointer); is {
		return pointer.Elem()
	}
	return t
}

// methods adds the exported methods that a variable of the type has, those of
// what it embeds included.
func (s *surface) methods(named *types.Named) {
	all, values := types.NewMethodSet(types.NewPointer(named)), types.NewMethodSet(named)
	if types.IsInterface(named) {
		all = values
	}
	for selection := range all.Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := named.Obj().Name()
		if values.Lookup(s.pkg, method.Name()) == nil {
			receiver = "*" + receiver
		}
		signature, is := method.Type().(*types.Signature)
		if !is {
			panic(fmt.Sprintf("method %s is a %T", method.Name(), method.Type()))
		}
		s.add("method (%s) %s%s", receiver, method.Name(), s.signature(signature))
	}
}

// text writes a type as it would be declared, without the names of parameters.
func (s *surface) text(t types.Type) string {
	switch t := t.(type) {
	case *types.Alias:
		return s.name(t.Obj(), t.TypeArgs())
	case *types.Named:
		return s.name(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return "*" + s.text(t.Elem())
	case *types.Slice:
		return "[]" + s.text(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), s.text(t.Elem()))
	case *types.Map:
		return "map[" + s.text(t.Key()) + "]" + s.text(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] +
			"(" + s.text(t.Elem()) + ")"
	case *types.Signature:
		return "func" + s.signature(t)
	case *types.Struct:
		return s.structText(t)
	case *types.Interface:
		return s.interfaceText(t)
	case *types.Union:
		return s.unionText(t)
	default: // a basic type or a type parameter
		return t.String()
	}
}

func (s *surface) name(o *types.TypeName, args *types.TypeList) string {
	text := o.Name()
	switch {
	case o.Pkg() == nil: // error, any, comparable
	case !o.Exported():
		text = "unexported"
	case o.Pkg().Path() != s.pkg.Path():
		text = o.Pkg().Path() + "." + text
	}
	if args.Len() == 0 {
		return text
	}
	texts := make([]string, 0, args.Len())
	for arg := range args.Types() {
		texts = append(texts, s.text(arg))
	}
	return text + "[" + strings.Join(texts, ", ") + "]"
}

func (s *surface) signature(f *types.Signature) string {
	params := s.tuple(f.Params())
	if last := len(params) - 1; f.Variadic() {
		params[last] = "..." + strings.TrimPrefix(params[last], "[]")
	}
	text := s.typeParams(f.TypeParams()) + "(" + strings.Join(params, ", ") + ")"
	switch results := s.tuple(f.Results()); len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	default:
		return text + " (" + strings.Join(results, ", ") + ")"
	}
}

func (s *surface) tuple(t *types.Tuple) []string {
	texts := make([]string, 0, t.Len())
	for v := range t.Variables() {
		texts = append(texts, s.text(v.Type()))
	}
	return texts
}

func (s *surface) typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	texts := make([]string, 0, list.Len())
	for param := range list.TypeParams() {
		texts = append(texts, param.Obj().Name()+" "+s.text(param.Constraint()))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (s *surface) structText(t *types.Struct) string {
	texts := make([]string, 0, t.NumFields())
	for field := range t.Fields() {
		name := field.Name()
		if !field.Exported() {
			name = "unexported"
		}
		texts = append(texts, name+" "+s.text(field.Type()))
	}
	return "struct{" + strings.Join(texts, "; ") + "}"
}

func (s *surface) interfaceText(t *types.Interface) string {
	var texts []string
	for method := range t.ExplicitMethods() {
		name := method.Name()
		if !method.Exported() {
			name = "unexported"
		}
		texts = append(texts, name+s.signature(method.Signature()))
	}
	for embedded := range t.EmbeddedTypes() {
		texts = append(texts, s.text(embedded))
	}
	slices.Sort(texts)
	if t.IsImplicit() { // [T ~int], short for [T interface{~int}]
		return strings.Join(texts, "; ")
	}
	return "interface{" + strings.Join(texts, "; ") + "}"
}

func (s *surface) unionText(t *types.Union) string {
	texts := make([]string, 0, t.Len())
	for term := range t.Terms() {
		text := s.text(term.Type())
		if term.Tilde() {
			text = "~" + text
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, " | ")
}
