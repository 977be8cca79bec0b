module github.com/seed-2861b391/storeorders/benchmarks

go 1.26.0

replace github.com/seed-2861b391/storeorders => ..

// Its npm packages may hold Go files.
ignore ./js

require (
	github.com/go-resty/resty/v2 v2.17.2
	github.com/oapi-codegen/runtime v1.8.0
	github.com/seed-2861b391/storeorders v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/net v0.48.0 // indirect
)
