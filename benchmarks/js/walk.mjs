// Walks all records with the JavaScript client of an API and prints what that
// cost, as one line of JSON: the same as ../walk does, by the same steps.

import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    api: { type: "string", default: "mercur" },
    size: { type: "string", default: "100" },
    records: { type: "string", default: "1000" },
    rounds: { type: "string", default: "1" },
    server: { type: "string" },
    delay: { type: "string", default: "0s" },
    gzip: { type: "boolean", default: false },
    fields: { type: "string", default: "" },
  },
});
const [size, records, rounds] = [flags.size, flags.records, flags.rounds].map(Number);

// One of the clients has the address of the live service built in. Nothing may
// leave this machine, whatever a client is set to.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options?.host !== "127.0.0.1") {
    console.error(`walk.mjs: a connection to ${options?.host}, which is not this machine`);
    process.exit(1);
  }
  return connect.apply(this, args);
};

const token = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";

// Each gives a function that reads the page at an offset.
const clients = {
  async mercur(baseURL) {
    const { default: Medusa } = await import("@medusajs/js-sdk");
    const sdk = new Medusa({
      baseUrl: baseURL,
      publishableKey: "pk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      auth: { type: "jwt", jwtTokenStorageMethod: "memory" },
    });
    await sdk.client.setToken(token);
    return async (offset) => {
      const page = await sdk.client.fetch("/store/order-groups", { query: { limit: size, offset, fields: flags.fields } });
      return { list: page.order_groups, total: page.count };
    };
  },
  async salesive(baseURL) {
    process.env.SALESIVE_STORE_BASE_URL = baseURL; // read when the package is loaded
    process.env.SALESIVE_SHOP_ID = "68b8f52575da81b332af29f1";
    process.env.SALESIVE_API_KEY = token;
    const { api, orders } = await import("salesive-api-axios");
    api.defaults.baseURL = baseURL; // the second time it is loaded already
    return async (offset) => {
      const { data } = await orders.list({ page: offset / size + 1, limit: size });
      return { list: data.data.orders, total: data.data.pagination.total };
    };
  },
};

async function walk(page) {
  const found = { records: 0, items: 0, cents: 0 };
  const seen = new Uint8Array(records);
  for (let offset = 0; ; ) {
    const { list, total } = await page(offset);
    for (const record of list) {
      const number = Number((record.id ?? record._id).slice(-10));
      if (seen[number] !== 0) throw new Error(`twice, or none of the server's: ${number}`);
      seen[number] = 1;
      found.records++;
      found.items += record.items ? record.items.length : record.orders.reduce((n, order) => n + order.items.length, 0);
      found.cents += Math.round(record.total * 100);
    }
    offset += list.length;
    if (list.length === 0 || offset >= total) return found;
  }
}

const baseURL = (n, delay) => `${flags.server}/records=${n},delay=${delay},gzip=${flags.gzip}`;
const stats = async (method) => (await fetch(`${flags.server}/stats`, { method })).json();

await walk(await clients[flags.api](baseURL(Math.min(records, 3 * size), "0s")));
const page = await clients[flags.api](baseURL(records, flags.delay));
await stats("POST");
writeFileSync("/proc/self/clear_refs", "5");

const cpu = process.cpuUsage();
const start = process.hrtime.bigint();
let found;
for (let round = 0; round < rounds; round++) found = await walk(page);
const wall = Number(process.hrtime.bigint() - start) / 1e6;
const used = process.cpuUsage(cpu);

const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
const sent = await stats("GET");
console.log(
  JSON.stringify({
    client: "js",
    api: flags.api,
    size,
    records,
    rounds,
    found,
    cpu_ms: (used.user + used.system) / 1e3 / rounds,
    wall_ms: wall / rounds,
    peak_mib: peak,
    connections: sent.connections,
    requests: sent.requests / rounds,
    body_bytes: sent.body_bytes / rounds,
  }),
);
