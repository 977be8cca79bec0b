// Package benchmarks compares the SDK with what a user would pick instead: see
// README.md.
package benchmarks

//go:generate go tool -modfile=tools.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
