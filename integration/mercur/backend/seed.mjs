// Seeds a running Mercur backend through its own HTTP API:
//   admin API  -> sales channel, region, tax region, publishable key, seller approval
//   vendor API -> sellers, their stock locations, shipping options and products
//   store API  -> customers and their carts, each one completed by POST /store/carts/:id/complete
// SQL is used for what HTTP cannot do: setting created_at and updated_at.
//
//   node seed.mjs OUT.json     BASE_URL, DATABASE_URL, ADMIN_EMAIL and ADMIN_PASSWORD are in the environment
import fs from "node:fs"
import pg from "pg"

const { BASE_URL: BASE, DATABASE_URL, ADMIN_EMAIL, ADMIN_PASSWORD } = process.env
const OUT = process.argv[2]
const PASSWORD = "Passw0rd!live"
const CURRENCY = "usd"
const TAX_RATE = 8.25 // per cent; makes totals with more decimals than a currency has, as real ones have
const SHIPPING = 5 // flat, per seller
const LANES = 3 // carts in flight at once

async function call(method, path, body, headers = {}) {
  const res = await fetch(BASE + path, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await res.text()
  if (!res.ok) throw new Error(`${method} ${path} -> ${res.status} ${text}`)
  return text ? JSON.parse(text) : {}
}
const bearer = (token) => ({ authorization: `Bearer ${token}` })
const login = async (actor, email, password = PASSWORD) =>
  (await call("POST", `/auth/${actor}/emailpass`, { email, password })).token

const t0 = Date.now()
const log = (m) => console.error(`seed ${((Date.now() - t0) / 1000).toFixed(0)}s: ${m}`)

// --- admin ---------------------------------------------------------------------------------------
const admin = bearer(await login("user", ADMIN_EMAIL, ADMIN_PASSWORD))
const { sales_channel } = await call("POST", "/admin/sales-channels", { name: "Integration tests" }, admin)
const { region } = await call("POST", "/admin/regions",
  { name: "US", currency_code: CURRENCY, countries: ["us"], payment_providers: ["pp_system_default"] }, admin)
await call("POST", "/admin/tax-regions",
  { country_code: "us", provider_id: "tp_system", default_tax_rate: { name: "US", code: "us", rate: TAX_RATE } }, admin)
const { api_key } = await call("POST", "/admin/api-keys", { title: "Storefront", type: "publishable" }, admin)
await call("POST", `/admin/api-keys/${api_key.id}/sales-channels`, { add: [sales_channel.id] }, admin)
const pub = { "x-publishable-api-key": api_key.token }

// --- sellers -------------------------------------------------------------------------------------
const SELLERS = [
  ["acorn-goods", "Acorn Goods", 19.99],
  ["birch-outfitters", "Birch Outfitters", 7.5],
  ["cedar-books", "Cedar Books", 104.25],
  ["dune-ceramics", "Düne Céramics 🏺 <b>&", 3.33],
]
const sellers = []
for (const [handle, name, price] of SELLERS) {
  const email = `${handle}@sellers.example.com`
  const { token } = await call("POST", "/auth/member/emailpass/register", { email, password: PASSWORD })
  const { seller } = await call("POST", "/vendor/sellers",
    { name, handle, email, member_email: email, currency_code: CURRENCY }, bearer(token))
  await call("POST", `/admin/sellers/${seller.id}/approve`, {}, admin)
  const h = { ...bearer(await login("member", email)), "x-seller-id": seller.id }

  const { stock_location } = await call("POST", "/vendor/stock-locations", { name: `${handle} warehouse` }, h)
  const at = `/vendor/stock-locations/${stock_location.id}`
  await call("POST", `${at}/fulfillment-sets`, { name: `${handle} shipping`, type: "shipping" }, h)
  await call("POST", `${at}/fulfillment-providers`, { add: ["manual_manual"] }, h)
  await call("POST", `${at}/sales-channels`, { add: [sales_channel.id] }, h)
  const set = (await call("GET", `${at}?fields=*fulfillment_sets`, undefined, h)).stock_location.fulfillment_sets[0]
  const { fulfillment_set } = await call("POST", `/vendor/fulfillment-sets/${set.id}/service-zones`,
    { name: `${handle} zone`, geo_zones: [{ type: "country", country_code: "us" }] }, h)
  const { shipping_profile } = await call("POST", "/vendor/shipping-profiles", { name: `${handle} profile`, type: "default" }, h)
  await call("POST", "/vendor/shipping-options", {
    name: `${handle} standard`, provider_id: "manual_manual", price_type: "flat",
    service_zone_id: fulfillment_set.service_zones[0].id, shipping_profile_id: shipping_profile.id,
    type: { label: "Standard", description: "Standard shipping", code: "standard" },
    prices: [{ currency_code: CURRENCY, amount: SHIPPING }],
    rules: [{ attribute: "enabled_in_store", value: "true", operator: "eq" }],
  }, h)

  const variants = []
  for (const n of [1, 2]) {
    const title = `${name} item ${n}`
    const unit_price = Math.round(price * n * 100) / 100
    const { product } = await call("POST", "/vendor/products", {
      status: "published", title, handle: `${handle}-item-${n}`,
      options: [{ title: "Size", values: ["S"] }],
      variants: [{
        title: "S", sku: `${handle}-${n}-s`.toUpperCase(), options: { Size: "S" }, manage_inventory: false,
        prices: [{ currency_code: CURRENCY, amount: unit_price }],
      }],
      sales_channels: [{ id: sales_channel.id }],
    }, h)
    variants.push({ id: product.variants[0].id, product_id: product.id, title, unit_price })
  }
  sellers.push({ id: seller.id, name, handle, email, password: PASSWORD, variants, headers: h })
}
log(`${sellers.length} sellers`)

// --- customers -----------------------------------------------------------------------------------
async function customer(email, first_name, last_name) {
  const { token } = await call("POST", "/auth/customer/emailpass/register", { email, password: PASSWORD })
  const { customer } = await call("POST", "/store/customers", { email, first_name, last_name }, { ...pub, ...bearer(token) })
  // The registration token carries no actor_id: only a token from a later login (or refresh) opens /store/order-groups.
  return { id: customer.id, email, password: PASSWORD, groups: [], headers: { ...pub, ...bearer(await login("customer", email)) } }
}
const A = await customer("alice@customers.example.com", "Alice", "Many")
const B = await customer("bob@customers.example.com", "Bob", "Few")
const C = await customer("carol@customers.example.com", "Carol", "None")

// --- order groups: one completed cart each ---------------------------------------------------------
const carts = {} // by order group: what was bought, for the tests to compare with what the store sends
const address = { first_name: "Pat", last_name: "Doe", address_1: "1 Main St", city: "Springfield", country_code: "us", province: "us-il", postal_code: "62701" }
async function orderGroup(c, lines) {
  const h = c.headers
  const { cart } = await call("POST", "/store/carts",
    { region_id: region.id, sales_channel_id: sales_channel.id, email: c.email, shipping_address: address, billing_address: address }, h)
  for (const { variant_id, quantity } of lines)
    await call("POST", `/store/carts/${cart.id}/line-items`, { variant_id, quantity }, h)
  const { shipping_options } = await call("GET", `/store/shipping-options?cart_id=${cart.id}`, undefined, h) // by seller
  for (const [option] of Object.values(shipping_options))
    if (option) await call("POST", `/store/carts/${cart.id}/shipping-methods`, { option_id: option.id }, h)
  const { payment_collection } = await call("POST", "/store/payment-collections", { cart_id: cart.id }, h)
  await call("POST", `/store/payment-collections/${payment_collection.id}/payment-sessions`, { provider_id: "pp_system_default" }, h)
  const done = await call("POST", `/store/carts/${cart.id}/complete`, {}, h)
  if (done.type !== "order_group") throw new Error("cart was not completed: " + JSON.stringify(done))
  const shipping = Object.fromEntries(lines.map((l) => [l.seller_id, SHIPPING]))
  carts[done.order_group.id] = {
    currency_code: CURRENCY, tax_rate: TAX_RATE, seller_count: Object.keys(shipping).length, shipping_by_seller: shipping, lines,
  }
  return done.order_group.id
}
const jobs = []
for (const [c, n] of [[A, 30], [B, 3]])
  for (let i = 0; i < n; i++) {
    const lines = []
    for (let s = 0; s < 1 + (i % sellers.length); s++) { // 1, 2, 3, 4, 1, ... sellers
      const seller = sellers[(i + s) % sellers.length]
      const line = ({ id, title, unit_price }, quantity) =>
        lines.push({ seller_id: seller.id, seller_handle: seller.handle, seller_name: seller.name, variant_id: id, title, unit_price, quantity })
      line(seller.variants[i % 2], 1 + ((i + s) % 3))
      if (i % 5 === 0) line(seller.variants[(i + 1) % 2], 1) // two items of one seller
    }
    jobs.push(async () => { c.groups[i] = await orderGroup(c, lines) })
  }
let next = 0, done = 0
await Promise.all(Array.from({ length: LANES }, async () => {
  while (next < jobs.length) { await jobs[next++](); if (++done % 10 === 0) log(`${done}/${jobs.length} order groups`) }
}))

// --- awkward cases -----------------------------------------------------------------------------------
// A.groups[3] (four sellers): its first child order is canceled by its seller.
const { order_group } = await call("GET", `/store/order-groups/${A.groups[3]}?fields=orders.id,orders.seller.id`, undefined, A.headers)
const child = order_group.orders[0]
await call("POST", `/vendor/orders/${child.id}/cancel`, {}, sellers.find((s) => s.id === child.seller.id).headers)
// The last seller deletes its second product: its order items lose their `variant`.
const last = sellers.at(-1)
const deleted = last.variants[1]
await call("DELETE", `/vendor/products/${deleted.product_id}`, undefined, last.headers)

// --- instants ----------------------------------------------------------------------------------------
// A.groups[i] was created on 2026-01-(1+i) at 10:00 UTC; 10, 11 and 12 share one instant; 20 and 21 are one microsecond apart.
// They were updated on days of March in another order, so that a server which sorts or filters by the wrong one is seen.
// B.groups[0], [1]: 2026-02-01 and 02; B.groups[2] keeps the instant that the server gave it.
const db = new pg.Client({ connectionString: DATABASE_URL })
await db.connect()
const day = (base, n) => new Date(Date.parse(base) + n * 86400e3).toISOString()
const setInstants = (id, created, updated) => db.query("update order_group set created_at = $2, updated_at = $3 where id = $1", [id, created, updated])
for (let i = 0; i < A.groups.length; i++)
  await setInstants(A.groups[i],
    i === 11 || i === 12 ? day("2026-01-01T10:00:00Z", 10)
    : i === 20 ? "2026-01-21T10:00:00.123455Z"
    : i === 21 ? "2026-01-21T10:00:00.123456Z"
    : day("2026-01-01T10:00:00Z", i),
    day("2026-03-01T12:00:00Z", (i * 7) % A.groups.length))
for (let i = 0; i < 2; i++) await setInstants(B.groups[i], day("2026-02-01T10:00:00Z", i), day("2026-02-01T10:00:00Z", i))
const micros = (column) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`
const { rows } = await db.query(`select id, customer_id, ${micros("created_at")}, ${micros("updated_at")} from order_group order by order_group.created_at desc`)
await db.end()

const strip = ({ headers, ...rest }) => rest
fs.writeFileSync(OUT, JSON.stringify({
  publishable_key: api_key.token, sellers: sellers.map(strip), customers: { A: strip(A), B: strip(B), C: strip(C) },
  canceled: { order_group_id: A.groups[3], order_id: child.id, seller_id: child.seller.id }, deleted_variant_id: deleted.id,
  order_groups: rows.map((row) => ({ ...row, cart: carts[row.id] })),
}, null, 1))
log(`${rows.length} order groups`)
