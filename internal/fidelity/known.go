package fidelity

// KnownDifferences are the requests that the fake answers in another way than
// the server did, by the names of the recordings, and why.
func KnownDifferences() map[string]string {
	const (
		refused  = "the `net/http` of the fake refuses the path before the fake sees it; over `Transport` no such path can be sent"
		ofDetail = "rows of the server's own tables under an item: the fake has the quantity and what goes with it"
		ofTime   = "PostgreSQL takes this form of a time; the fake takes fewer"
		ofQuery  = "a key that no client writes: the fake reads brackets in brackets, and dots, in fewer ways than package qs"
	)
	return map[string]string{
		"get-bad-percent":                                                        refused,
		"GET /order-groups/%E0%A4%A":                                             refused,
		"GET ?limit=2&fields=orders.items.detail.*":                              ofDetail,
		"GET ?limit=2&fields=*orders.items.detail":                               ofDetail,
		"GET ?limit=2&fields=*orders.items.tax_lines":                            ofDetail,
		"GET ?limit=2&fields=orders.items.detail.id,orders.total":                "the server fails where it computes totals of a detail without its quantity; the fake does not",
		"GET ?id[][]=x":                                                          ofQuery,
		"GET ?id.0=x":                                                            ofQuery,
		"GET ?limit=2&limit.=3":                                                  ofQuery,
		"GET ?created_at[$gte]=2026-01-05T24:00:00Z":                             ofTime,
		"GET ?created_at[$gte]=2026-01-05T10:00:60Z":                             ofTime,
		"OPTIONS /auth/session":                                                  "of OPTIONS, the fake knows what is asked of order groups, and a browser's preflight",
		`POST /store/customers Content-Type: application/json {"email":"x@y.z"}`: "the fake does not look at the form of an e-mail address",
	}
}
