package storeorderstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// salesiveSecret signs the tokens of every server, so that a fixture's work.
const salesiveSecret = "the fake Salesive's secret"

// salesiveAuthRoute returns the route that the path leads to: in any case, and
// with or without a slash at the end, as Express reads it.
func salesiveAuthRoute(path string) (route string, ok bool) {
	route = strings.ToLower(strings.TrimSuffix(path, "/"))
	switch route {
	case "/auth/ghost", "/auth/authenticate", "/auth/resend-otp", "/auth/verify", "/auth/check-user", "/auth/me":
		return route, true
	default:
		return "", false
	}
}

// salesiveAuth answers a route that [salesiveAuthRoute] knows.
func (s *Server) salesiveAuth(r *http.Request, route string) envelope {
	if route == "/auth/me" {
		return s.me(r)
	}
	if r.Method != http.MethodPost {
		return noSalesiveRoute()
	}
	if refusal, refused := s.checkShop(r); refused {
		return refusal
	}
	body, err := s.readBody(r)
	if err != nil {
		return failed(http.StatusBadRequest, "Invalid JSON")
	}

	form := form{members: body}
	answer := s.registerGuest
	if route != "/auth/ghost" {
		email := form.email()
		switch route {
		case "/auth/authenticate":
			name, phone := form.text("name"), form.text("phone")
			answer = func() envelope { return s.authenticate(email, name, phone) }
		case "/auth/resend-otp":
			answer = func() envelope { return s.resendCode(email) }
		case "/auth/verify":
			code := form.required("otp")
			answer = func() envelope { return s.verifyCode(email, code) }
		default:
			answer = func() envelope { return s.checkUser(email) }
		}
	}
	if refusal, refused := form.refusal(&s.salesive); refused {
		return refusal
	}
	return answer()
}

// CodeFor returns the code that Salesive would have sent last to the address,
// six digits: what POST /auth/verify takes. It is "" if none was sent, and
// after its use.
func (s *Server) CodeFor(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.codes[strings.ToLower(email)]
}

func (s *Server) registerGuest() envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.data.newObjectID("")
	guest := s.addShopper(Shopper{ID: id, Email: "guest-" + id + "@example.com", Guest: true})
	answer := succeeded("Ghost user created successfully", struct {
		ID        string `json:"_id"`
		Email     string `json:"email"`
		Token     string `json:"token"`
		IsGuest   bool   `json:"isGuest"`
		CreatedAt string `json:"createdAt"`
	}{guest.ID, guest.Email, guest.Token, true, guest.CreatedAt.Format(milliseconds)})
	answer.Status = http.StatusCreated
	return answer
}

// authenticate registers who is not, and sends a code.
func (s *Server) authenticate(email, name, phone string) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data.shopperWith(email) == nil {
		s.addShopper(Shopper{Name: name, Email: email, Phone: phone})
	}
	s.data.sendCode(email)
	return succeeded("Please check your email for verification code.", emailOnly{email})
}

func (s *Server) resendCode(email string) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data.shopperWith(email) == nil {
		return failed(http.StatusNotFound, "User not found")
	}
	s.data.sendCode(email)
	return succeeded("New verification code sent to your email", emailOnly{email})
}

func (s *Server) verifyCode(email, code string) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	shopper := s.data.shopperWith(email)
	switch {
	case shopper == nil:
		return failed(http.StatusNotFound, "User not found")
	case s.data.codes[email] != code: // nobody's code is ""
		return failed(http.StatusBadRequest, "Invalid OTP")
	}
	delete(s.data.codes, email)
	return succeeded("Email verified successfully", struct {
		ID    string `json:"_id"`
		Email string `json:"email"`
		Token string `json:"token"`
	}{shopper.ID, shopper.Email, s.newShopperToken(shopper.ID)})
}

func (s *Server) checkUser(email string) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return succeeded("User check completed", struct {
		Exists bool   `json:"exists"`
		Email  string `json:"email"`
	}{s.data.shopperWith(email) != nil, email})
}

func (s *Server) me(r *http.Request) envelope {
	if !reads(r) {
		return noSalesiveRoute()
	}
	token := bearer(r)
	shopper, expires, ok := s.shopperOf(token)
	if !ok {
		return failed(http.StatusUnauthorized, "Authentication required")
	}
	if refusal, refused := s.checkShop(r); refused {
		return refusal
	}

	type user struct {
		ID         string   `json:"_id"`
		Name       string   `json:"name"`
		Email      string   `json:"email"`
		Phone      string   `json:"phone"`
		Role       string   `json:"role"`
		ShopRole   *string  `json:"shopRole"`
		Stores     []string `json:"stores"`
		Avatar     *string  `json:"avatar"`
		AuthMethod string   `json:"authMethod"`
		Balance    int      `json:"balance"`
		Deleted    bool     `json:"deleted"`
		Disabled   bool     `json:"disabled"`
		CreatedAt  string   `json:"createdAt"`
		UpdatedAt  string   `json:"updatedAt"`
	}
	created := shopper.CreatedAt.Format(milliseconds)
	answer := struct {
		User           user    `json:"user"`
		Token          string  `json:"token"`
		TokenExpiresAt *string `json:"tokenExpiresAt"`
	}{
		User: user{
			ID: shopper.ID, Name: shopper.Name, Email: shopper.Email, Phone: shopper.Phone,
			Role: "user", Stores: []string{}, AuthMethod: "otp", CreatedAt: created, UpdatedAt: created,
		},
		Token: token,
	}
	if shopper.Guest {
		answer.User.Role = "ghost"
	}
	if !expires.IsZero() {
		text := expires.UTC().Format(milliseconds)
		answer.TokenExpiresAt = &text
	}
	return succeeded("Authenticated user retrieved successfully", answer)
}

type emailOnly struct {
	Email string `json:"email"`
}

type salesiveClaims struct {
	ID  string `json:"id"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
}

func (s *Server) newShopperToken(id string) string {
	now := time.Now()
	return signJWT(salesiveSecret, salesiveClaims{id, now.Unix(), now.Add(s.salesive.tokenLifetime).Unix()})
}

// shopperOf returns whose token it is, and when it expires; zero is never.
func (s *Server) shopperOf(token string) (shopper *Shopper, expires time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, lasting := s.data.shopperTokens[token]
	var claims salesiveClaims
	if verifyJWT(salesiveSecret, token, time.Now(), &claims) {
		id, expires = claims.ID, time.Unix(claims.Exp, 0)
	} else if !lasting {
		return nil, time.Time{}, false
	}
	i := slices.IndexFunc(s.data.shoppers, func(shopper *Shopper) bool { return shopper.ID == id })
	if i < 0 {
		return nil, time.Time{}, false
	}
	return s.data.shoppers[i], expires, true
}

// shopperWith returns the shopper with the address, nil if there is none.
func (d *data) shopperWith(email string) *Shopper {
	for _, shopper := range d.shoppers {
		if shopper.Email == email {
			return shopper
		}
	}
	return nil
}

// sendCode makes a code that the ones before it do not tell.
func (d *data) sendCode(email string) {
	d.codeCount++
	d.codes[email] = fmt.Sprintf("%06d", (d.codeCount*618_033+123_456)%1_000_000)
}

// form reads the members of a body as a Joi schema does. It keeps the first
// problem.
type form struct {
	members map[string]any
	problem string
}

func (f *form) fail(name, problem string) {
	if f.problem == "" {
		f.problem = fmt.Sprintf("%q %s", name, problem)
	}
}

// text takes a member that may be absent.
func (f *form) text(name string) string {
	value, given := f.members[name]
	delete(f.members, name)
	text, ok := value.(string)
	if given && !ok {
		f.fail(name, "must be a string")
	}
	return text
}

func (f *form) required(name string) string {
	if _, given := f.members[name]; !given {
		f.fail(name, "is required")
	}
	text := f.text(name)
	if text == "" {
		f.fail(name, "is not allowed to be empty")
	}
	return text
}

// email takes an address, which it returns in lower case.
func (f *form) email() string {
	email := f.required("email")
	local, domain, _ := strings.Cut(email, "@")
	if local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "@ ") {
		f.fail("email", "must be a valid email")
	}
	return strings.ToLower(email)
}

// refusal is the answer to a body with a problem, or with what nobody took.
func (f *form) refusal(choices *salesiveChoices) (envelope, bool) {
	if f.problem != "" {
		return failed(http.StatusBadRequest, f.problem), true
	}
	for _, name := range slices.Sorted(maps.Keys(f.members)) {
		return choices.refusal(UnknownParameter, fmt.Sprintf("%q is not allowed", name))
	}
	return envelope{}, false
}
