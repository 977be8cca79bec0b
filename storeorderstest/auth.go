package storeorderstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// mercurSecret is that of every server, so that a fixture's tokens work.
	mercurSecret    = "supersecret"
	defaultPassword = "correct horse battery staple"

	authPath        = "/auth"
	customersPath   = "/customers"
	sessionCookie   = "connect.sid"
	sessionLifetime = 10 * time.Hour
)

// WithMercurTokenLifetime sets how long a token of Mercur is good for. The default is
// 24 hours, as Medusa's. A lifetime of zero or less makes tokens that have
// expired when they come.
func WithMercurTokenLifetime(d time.Duration) Option {
	return optionFunc(func(s *Server) { s.tokenLifetime = d })
}

// identity is who can log in with an e-mail address and a password.
type identity struct {
	id, email, password string
	// token is that of the [Customer]; "" for who registered.
	token string
	// customer is nil until the customer is created: who only registered has
	// an identity and is nobody yet.
	customer *customer
}

// customer is a customer as Mercur sends it.
type customer struct {
	ID          string    `json:"id"`
	Email       string    `json:"email"`
	CompanyName *string   `json:"company_name"`
	FirstName   *string   `json:"first_name"`
	LastName    *string   `json:"last_name"`
	Phone       *string   `json:"phone"`
	Metadata    any       `json:"metadata"`
	HasAccount  bool      `json:"has_account"`
	DeletedAt   *struct{} `json:"deleted_at"`
	CreatedAt   string    `json:"created_at"`
	UpdatedAt   string    `json:"updated_at"`
	Addresses   []any     `json:"addresses"`
}

// claims are the payload of a token, in Medusa's order.
type claims struct {
	ActorID        string            `json:"actor_id"`
	ActorType      string            `json:"actor_type"`
	AuthIdentityID string            `json:"auth_identity_id"`
	AuthProvider   string            `json:"auth_provider,omitempty"`
	AppMetadata    map[string]string `json:"app_metadata"`
	UserMetadata   map[string]string `json:"user_metadata"`
	IssuedAt       int64             `json:"iat"`
	ExpiresAt      int64             `json:"exp"`
}

// session is what a cookie stands for.
type session struct {
	claims  claims
	expires time.Time
}

// addIdentity adds the identity of a new customer, and fills in what is empty.
// The caller holds the mutex.
func (s *Server) addIdentity(c *Customer) *identity {
	if c.Email == "" {
		name := cmp.Or(handle(c.Name), "customer")
		c.Email = name + "@customers.example.com"
		for i := 2; s.data.identities[c.Email] != nil; i++ {
			c.Email = fmt.Sprintf("%s-%d@customers.example.com", name, i)
		}
	}
	c.Password = cmp.Or(c.Password, defaultPassword)
	who := &identity{
		id: strings.Replace(c.ID, "cus_", "authid_", 1), email: c.Email, password: c.Password,
		customer: newCustomer(c.ID, c.Email),
	}
	name := c.Name
	who.customer.FirstName = &name
	s.data.identities[c.Email] = who
	s.data.customers = append(s.data.customers, who)
	c.Token = cmp.Or(c.Token, s.newToken("customer", who))
	who.token = c.Token
	return who
}

func newCustomer(id, email string) *customer {
	now := time.Now().UTC().Format(milliseconds)
	return &customer{ID: id, Email: email, HasAccount: true, CreatedAt: now, UpdatedAt: now, Addresses: []any{}}
}

// newToken returns a token of the identity. It is good for nothing, as its
// actor is nobody, if the identity has no customer, or if another type of actor
// than a customer was asked for.
func (s *Server) newToken(actorType string, who *identity) string {
	now := time.Now()
	payload := claims{
		ActorType: actorType, AuthIdentityID: who.id, AuthProvider: "emailpass",
		AppMetadata: map[string]string{}, UserMetadata: map[string]string{},
		IssuedAt: now.Unix(), ExpiresAt: now.Add(s.tokenLifetime).Unix(),
	}
	if s.stack == Mercur215 {
		payload.AuthProvider = ""
	}
	if who.customer != nil && actorType == "customer" {
		payload.ActorID = who.customer.ID
		payload.AppMetadata["customer_id"] = who.customer.ID
	}
	return signJWT(mercurSecret, payload)
}

func (s *Server) readToken(r *http.Request) (claims, bool) {
	words := strings.Fields(r.Header.Get("Authorization"))
	if len(words) < 2 || !strings.EqualFold(words[0], "Bearer") {
		return claims{}, false
	}
	token := words[1] // what follows it is not looked at
	var payload claims
	ok := verifyJWT(mercurSecret, token, time.Now(), &payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, lasting := s.data.customerTokens[token]; !ok && lasting {
		payload = claims{ActorID: id, ActorType: "customer", AuthIdentityID: strings.Replace(id, "cus_", "authid_", 1)}
		ok = true
	}
	return payload, ok
}

// customerOf returns the id of the customer that the request comes from. A
// session goes before a bearer, and a token is believed: nobody looks whether
// the customer is there.
func (s *Server) customerOf(r *http.Request) (id string, ok bool) {
	payload, ok := s.session(r)
	if !ok {
		payload, ok = s.readToken(r)
	}
	return payload.ActorID, ok && payload.ActorType == "customer" && payload.ActorID != ""
}

func (s *Server) session(r *http.Request) (claims, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return claims{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.data.sessions[cookie.Value]
	return session.claims, ok && time.Now().Before(session.expires)
}

func errUnauthorized() error {
	return &mercurError{status: http.StatusUnauthorized, Message: "Unauthorized"}
}

func errNoLogin(message string) error {
	return &mercurError{status: http.StatusUnauthorized, Type: "unauthorized", Message: message}
}

// serveAuth serves what is under /auth, which wants no publishable key.
func (s *Server) serveAuth(w http.ResponseWriter, r *http.Request, path string) error {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	switch route := r.Method + " " + strings.Join(segments, "/"); {
	case route == "POST token/refresh":
		return s.refresh(w, r)
	case route == "POST session":
		return s.openSession(w, r)
	case route == "DELETE session":
		return s.closeSession(w, r)
	case len(segments) == 2 && (reads(r) || r.Method == http.MethodPost):
		return s.login(w, r, segments[0], segments[1])
	case len(segments) == 3 && r.Method == http.MethodPost && segments[2] == "register":
		return s.register(w, r, segments[0], segments[1])
	case len(segments) == 3 && r.Method == http.MethodPost && segments[2] == "reset-password":
		// The same for an address that nobody has.
		writeExpress(w, r, http.StatusCreated, "text/plain; charset=utf-8", []byte("Created"))
		return nil
	default:
		return errNoRoute
	}
}

// credentials reads what the provider emailpass wants, and makes its checks.
func (s *Server) credentials(r *http.Request, provider string) (email, password string, err error) {
	body, err := s.readBody(r)
	if err != nil {
		return "", "", err
	}
	if provider != "emailpass" {
		return "", "", errNoLogin("\nUnable to retrieve the auth provider with id: " + provider +
			"\nPlease make sure that the provider is registered in the container and it is configured correctly in your project configuration file.")
	}
	password, _ = body["password"].(string)
	if password == "" {
		return "", "", errNoLogin("Password should be a string")
	}
	email, _ = body["email"].(string)
	if email == "" {
		return "", "", errNoLogin("Email should be a string")
	}
	return email, password, nil
}

func (s *Server) login(w http.ResponseWriter, r *http.Request, actorType, provider string) error {
	email, password, err := s.credentials(r, provider)
	if err != nil {
		return err
	}
	s.mu.Lock()
	who := s.data.identities[email] // addresses differ by case
	if who == nil || who.password != password {
		s.mu.Unlock()
		return errNoLogin("Invalid email or password")
	}
	token := s.newToken(actorType, who)
	s.mu.Unlock()
	writeToken(w, r, token)
	return nil
}

func (s *Server) register(w http.ResponseWriter, r *http.Request, actorType, provider string) error {
	email, password, err := s.credentials(r, provider)
	if err != nil {
		return err
	}
	s.mu.Lock()
	who := s.data.identities[email]
	if who != nil && (who.password != password || who.customer != nil) {
		s.mu.Unlock()
		return errNoLogin("Identity with email already exists")
	}
	if who == nil {
		who = &identity{id: s.data.newID("authid", ""), email: email, password: password}
		s.data.identities[email] = who
	}
	token := s.newToken(actorType, who)
	s.mu.Unlock()
	writeToken(w, r, token)
	return nil
}

// refresh gives a new token for one that is good, with the customer that was
// created meanwhile. A session does not do.
func (s *Server) refresh(w http.ResponseWriter, r *http.Request) error {
	payload, ok := s.readToken(r)
	if !ok {
		return errUnauthorized()
	}
	s.mu.Lock()
	who := s.data.identityByID(payload.AuthIdentityID)
	if who == nil { // its server is another; so be it
		who = &identity{id: payload.AuthIdentityID}
		if payload.ActorID != "" {
			who.customer = &customer{ID: payload.ActorID}
		}
	}
	token := s.newToken(payload.ActorType, who)
	s.mu.Unlock()
	writeToken(w, r, token)
	return nil
}

func writeToken(w http.ResponseWriter, r *http.Request, token string) {
	writeMercur(w, r, http.StatusOK, map[string]string{"token": token})
}

func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	payload, ok := s.readToken(r)
	if !ok {
		return errUnauthorized()
	}
	expires := time.Now().Add(sessionLifetime)
	s.mu.Lock()
	id := url.QueryEscape(s.data.newID("s:session", ""))
	s.data.sessions[id] = session{payload, expires}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // neither Secure nor SameSite: as a Mercur that is not in production
		Name: sessionCookie, Value: id, Path: "/", Expires: expires, HttpOnly: true,
	})
	writeMercur(w, r, http.StatusOK, map[string]any{"user": payload})
	return nil
}

func (s *Server) closeSession(w http.ResponseWriter, r *http.Request) error {
	if _, ok := s.session(r); !ok {
		return errUnauthorized()
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return errUnauthorized()
	}
	s.mu.Lock()
	delete(s.data.sessions, cookie.Value)
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", Expires: time.Unix(0, 0)}) //nolint:gosec // it takes the cookie away
	writeMercur(w, r, http.StatusOK, map[string]bool{"success": true})
	return nil
}

// serveCustomers serves what is under /store/customers.
func (s *Server) serveCustomers(w http.ResponseWriter, r *http.Request, path string, body map[string]any) error {
	switch path = strings.ToLower(strings.TrimSuffix(path, "/")); {
	case path == "" && r.Method == http.MethodPost:
		return s.createCustomer(w, r, body)
	case path == "/me" && reads(r):
		return s.getCustomer(w, r)
	default:
		return errNoRoute
	}
}

// createCustomer makes a customer of who has registered.
func (s *Server) createCustomer(w http.ResponseWriter, r *http.Request, body map[string]any) error {
	payload, ok := s.readToken(r)
	if !ok {
		return errUnauthorized()
	}
	if err := s.checkCustomer(body); err != nil {
		return err
	}
	if payload.ActorID != "" {
		return errInvalidData("Request already authenticated as a customer.")
	}
	s.mu.Lock()
	who := s.data.identityByID(payload.AuthIdentityID)
	if who == nil || who.customer != nil {
		s.mu.Unlock()
		return errInvalidData("Customer with this email already has an account")
	}
	email := who.email
	if given := text(body["email"]); given != nil {
		email = *given
	}
	created := newCustomer(s.data.newID("cus", ""), email)
	created.CompanyName, created.Phone = text(body["company_name"]), text(body["phone"])
	created.FirstName, created.LastName = text(body["first_name"]), text(body["last_name"])
	created.Metadata = body["metadata"]
	who.customer = created
	s.data.customers = append(s.data.customers, who)
	s.mu.Unlock()
	writeMercur(w, r, http.StatusOK, map[string]any{"customer": created})
	return nil
}

// getCustomer is GET /store/customers/me.
func (s *Server) getCustomer(w http.ResponseWriter, r *http.Request) error {
	id, ok := s.customerOf(r)
	if !ok {
		return errUnauthorized()
	}
	s.mu.Lock()
	var found *customer
	for _, who := range s.data.identities {
		if who.customer != nil && who.customer.ID == id {
			found = who.customer
		}
	}
	s.mu.Unlock()
	if found == nil {
		return &mercurError{status: http.StatusNotFound, Type: "not_found", Message: fmt.Sprintf("Customer with id: %s was not found", id)}
	}
	writeMercur(w, r, http.StatusOK, map[string]any{"customer": found})
	return nil
}

func (s *Server) checkCustomer(body map[string]any) error {
	var unknown []string
	for name, value := range body {
		switch name {
		case "email", "company_name", "first_name", "last_name", "phone":
			if value != nil && text(value) == nil {
				return errInvalidData("Invalid request: " + wrongType("string", name, s.gotJSON(value)))
			}
		case "metadata":
			if _, isObject := value.(map[string]any); value != nil && !isObject {
				return errInvalidData("Invalid request: " + wrongType("object", name, s.gotJSON(value)))
			}
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return errInvalidData(fmt.Sprintf("Invalid request: Unrecognized fields: '%s'", strings.Join(unknown, ", ")))
}

// gotJSON is how an error text shows a value of a body.
func (s *Server) gotJSON(value any) string {
	if s.stack != Mercur215 {
		return fmt.Sprint(value)
	}
	switch value.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// text returns the value if it is a text, nil if not.
func text(value any) *string {
	if s, ok := value.(string); ok {
		return &s
	}
	return nil
}

func (d *data) identityByID(id string) *identity {
	for _, who := range d.identities {
		if who.id == id {
			return who
		}
	}
	return nil
}

// maxBody is what Medusa's body parser takes.
const maxBody = 100 << 10

// readBody reads the JSON object or the form that the request carries; one
// without either is an empty object.
func (s *Server) readBody(r *http.Request) (map[string]any, error) {
	if r.Body == nil {
		return map[string]any{}, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, errUnknown()
	}
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	object := map[string]any{}
	switch {
	case contentType == "application/json" && len(bytes.TrimSpace(body)) > 0:
		if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) && json.Valid(body) {
			return object, nil // nothing in it has a name
		}
		if json.Unmarshal(body, &object) != nil || object == nil {
			return nil, s.errBadJSON()
		}
	case contentType == "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(body)) // what can be read is taken
		for name := range form {
			object[name] = form.Get(name)
		}
	}
	return object, nil
}

// errBadJSON is the answer to a body that is no JSON. The text is that of one
// mistake, whichever was made.
func (s *Server) errBadJSON() error {
	if s.stack == Mercur215 {
		return errUnknown()
	}
	return errInvalidData("Expected property name or '}' in JSON at position 1")
}
