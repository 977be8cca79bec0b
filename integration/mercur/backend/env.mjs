// Logs the seeded people in and prints `export NAME='value'` lines.   node env.mjs RUN_FOLDER
import fs from "node:fs"
import path from "node:path"
import jwt from "jsonwebtoken"

const { BASE_URL, DATABASE_URL, JWT_SECRET } = process.env
const run = path.resolve(process.argv[2])
const seed = JSON.parse(fs.readFileSync(path.join(run, "seed.json")))

async function login(actor, { email, password }) {
  const res = await fetch(`${BASE_URL}/auth/${actor}/emailpass`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  })
  if (!res.ok) throw new Error(`login of ${email}: ${res.status} ${await res.text()}`)
  return (await res.json()).token
}

const { A, B, C } = seed.customers
const out = { MERCUR_URL: BASE_URL, MERCUR_PUBLISHABLE_KEY: seed.publishable_key, MERCUR_PASSWORD: A.password }
for (const [name, customer] of Object.entries({ A, B, C })) {
  out[`MERCUR_EMAIL_${name}`] = customer.email
  out[`MERCUR_CUSTOMER_ID_${name}`] = customer.id
  out[`MERCUR_TOKEN_${name}`] = await login("customer", customer)
  out[`MERCUR_COUNT_${name}`] = customer.groups.length
}
const { iat, exp, ...claims } = jwt.decode(out.MERCUR_TOKEN_A)
const now = Math.floor(Date.now() / 1000)
out.MERCUR_TOKEN_EXPIRED = jwt.sign({ ...claims, iat: now - 7200, exp: now - 3600 }, JWT_SECRET)
out.MERCUR_TOKEN_FORGED = jwt.sign({ ...claims, iat: now, exp: now + 3600 }, "not the server's key")
out.MERCUR_TOKEN_SELLER = await login("member", seed.sellers[0])
out.MERCUR_GROUP_A = A.groups[0]
out.MERCUR_GROUP_B = B.groups[0]
out.MERCUR_GROUP_CANCELED = seed.canceled.order_group_id
out.MERCUR_DATABASE_URL = DATABASE_URL
out.MERCUR_SEED_JSON = path.join(run, "seed.json")
out.MERCUR_SERVER_LOG = path.join(run, "server.log")
for (const [name, value] of Object.entries(out)) console.log(`export ${name}='${value}'`)
