// PostGraphile 4 in two processes on the product's tables, as its role under
// its row-level security. BENCH_PEER (JSON) says where and as whom.
const cluster = require("node:cluster");
const { createServer } = require("node:http");

function serve({ port, host, pgport, database, scope, settings }) {
	const { postgraphile } = require("postgraphile"), { Pool } = require("pg");
	const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(" ");
	const pool = new Pool({ host, port: pgport, database, user: "smartrecord_app", max: 4, options });
	createServer(postgraphile(pool, "public", {
		// the parent table only, not each day's partition
		graphileBuildOptions: { pgUsePartitionedParent: true },
		ignoreRBAC: false, dynamicJson: true, setofFunctionsContainNulls: false,
		disableQueryLog: true, graphiql: false, queryCacheMaxSize: 50e6,
		legacyRelations: "omit", simpleCollections: "omit",
		pgSettings: Object.fromEntries(Object.entries(scope).map(([name, value]) => [`app.${name}`, String(value)])),
	})).listen(port, "127.0.0.1");
}

if (cluster.isPrimary) {
	for (let i = 0; i < 2; i++)
		cluster.fork();
	process.on("SIGTERM", () => {
		for (const worker of Object.values(cluster.workers))
			worker.process.kill();
		process.exit(0);
	});
} else {
	serve(JSON.parse(process.env.BENCH_PEER));
}
