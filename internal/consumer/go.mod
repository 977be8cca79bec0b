// A module of somebody else: its path is not below the package's, so Go refuses it the package's internal packages.
module example.com/consumer

go 1.26.0

require (
	github.com/jarcoal/httpmock v1.4.2
	github.com/seed-2861b391/storeorders v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/seed-2861b391/storeorders => ../..
