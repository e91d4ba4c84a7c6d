// Reads pairs of generated files, OLD and NEW, and says what a program that uses every exported name
// of OLD, with the type that it has there, gets from the type checker with NEW.
//
// Arguments: directories with old.go and new.go. Output: a line of JSON for each.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

type outcome struct {
	Pair   string
	Errors []string
}

// raw is the name of a field that holds the bytes of several members.
var raw = regexp.MustCompile(`^Raw\d*_*$`)

type checker struct {
	set     *token.FileSet
	imports types.Importer
}

func (c *checker) check(files []*ast.File) (*types.Package, []string) {
	var errors []string
	config := types.Config{
		Importer:  c.imports,
		GoVersion: "go1.23",
		Error:     func(err error) { errors = append(errors, err.Error()) },
	}
	checked, _ := config.Check(files[0].Name.Name, c.set, files, nil)
	return checked, errors
}

func (c *checker) parse(name string, text any) *ast.File {
	file, err := parser.ParseFile(c.set, name, text, 0)
	if err != nil {
		panic(err)
	}
	return file
}

type user struct {
	own     *types.Package
	used    map[string]bool
	program strings.Builder
}

func (u *user) spell(of types.Type) string {
	return types.TypeString(of, func(other *types.Package) string {
		if other == u.own {
			return ""
		}
		u.used[other.Path()] = true
		return other.Name()
	})
}

func (u *user) signature(of *types.Signature) string {
	return u.spell(types.NewSignatureType(nil, nil, nil, of.Params(), of.Results(), of.Variadic()))
}

func (u *user) write(format string, words ...any) {
	fmt.Fprintf(&u.program, format+"\n", words...)
}

func (u *user) use(object types.Object) {
	name := object.Name()
	switch object := object.(type) {
	case *types.Const:
		if basic, ok := object.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
			u.write("const _ = %s", name)
		} else {
			u.write("const _ %s = %s", u.spell(object.Type()), name)
		}
	case *types.Func:
		u.write("var _ %s = %s", u.signature(object.Type().(*types.Signature)), name)
	case *types.TypeName:
		u.useType(object)
	}
}

func (u *user) useType(object *types.TypeName) {
	name := object.Name()
	u.write("var _ %s", name)
	if object.IsAlias() {
		target := u.spell(types.Unalias(object.Type()))
		u.write("func _(a %s) { var b %s = a; _ = b }", name, target)
		return
	}
	switch underlying := object.Type().Underlying().(type) {
	case *types.Struct:
		for index := range underlying.NumFields() {
			field := underlying.Field(index)
			if field.Exported() && !raw.MatchString(field.Name()) {
				of := u.spell(field.Type())
				u.write("func _(v *%s) { var f %s = v.%s; v.%[3]s = f }", name, of, field.Name())
			}
		}
	case *types.Basic:
		u.write("func _(v %s) { _ = uint64(v); _ = int64(v) }", name)
	}
	methods := types.NewMethodSet(types.NewPointer(object.Type()))
	for index := range methods.Len() {
		method := methods.At(index).Obj()
		if method.Exported() {
			of := u.signature(method.Type().(*types.Signature))
			u.write("func _(v *%s) { var m %s = v.%s; _ = m }", name, of, method.Name())
		}
	}
}

func (c *checker) compare(folder string) outcome {
	name := filepath.Base(folder)
	before := c.parse(filepath.Join(folder, "old.go"), nil)
	old, errors := c.check([]*ast.File{before})
	if len(errors) > 0 {
		panic(fmt.Sprint(name, errors))
	}
	u := &user{own: old, used: map[string]bool{}}
	for _, exported := range old.Scope().Names() {
		if object := old.Scope().Lookup(exported); object.Exported() {
			u.use(object)
		}
	}
	var paths []string
	for path := range u.used {
		paths = append(paths, fmt.Sprintf("import %q\n", path))
	}
	sort.Strings(paths)
	text := "package " + old.Name() + "\n" + strings.Join(paths, "") + u.program.String()
	after := c.parse(filepath.Join(folder, "new.go"), nil)
	_, errors = c.check([]*ast.File{after, c.parse("use.go", text)})
	return outcome{name, errors}
}

func main() {
	set := token.NewFileSet()
	c := &checker{set, importer.ForCompiler(set, "source", nil)}
	for _, folder := range os.Args[1:] {
		line, err := json.Marshal(c.compare(folder))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
