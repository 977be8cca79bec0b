// One node process and one PostgreSQL: without Redis, every infrastructure module uses its in-memory or local variant.
const { withMercur } = require("@mercurjs/core")

// Mercur's middlewares look both dashboards up on every GET, so they must be there; `disable` keeps them from serving anything.
const dashboard = (name, path) => ({ resolve: `@mercurjs/core/modules/${name}`, options: { appDir: "", path, disable: true } })
const cors = "http://127.0.0.1:8000"

module.exports = withMercur({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, sslmode: "disable" },
    http: {
      storeCors: cors,
      adminCors: cors,
      vendorCors: cors,
      authCors: cors,
      jwtSecret: process.env.JWT_SECRET,
      cookieSecret: process.env.JWT_SECRET,
      jwtExpiresIn: process.env.JWT_EXPIRES_IN || "1d",
    },
  },
  admin: { disable: true },
  featureFlags: { seller_registration: true }, // POST /vendor/sellers, which the seed calls, is closed without it
  modules: [dashboard("admin-ui", "/dashboard"), dashboard("vendor-ui", "/seller")],
})
