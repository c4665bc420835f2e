// What tests of all routes share: the table of routes, and for each route a
// request that it answers at once.
import { randomUUID } from "node:crypto";
import { smartrecord } from "./pg.js";

// The body of a route's request; a route without one has none.
export const sent = {
	"POST /console/language": { fields: { lang: "fr" } },
	"POST /board/language": { fields: { lang: "fr" } },
	"POST /api/v1/session": { json: {} },
	"POST /console/accounts/recording": { fields: {} },
	"PATCH /api/v1/accounts": { json: {} },
	"POST /console/accounts/{id}/telephones": { fields: {} },
	"PATCH /api/v1/telephones/{id}": { json: { recording_button: true } },
	"POST /api/v1/recording-policy/decisions": { json: {} },
	"POST /api/v1/exports": { json: {} },
	"POST /console/accounts/{id}/profiles": { fields: {} },
	"PUT /api/v1/accounts/{id}/profiles": { json: {} },
	"POST /console/accounts/invitations": { fields: {} },
	"POST /api/v1/accounts/invitations": { json: {} },
	"POST /console/accounts/imports": { fields: {} },
	"POST /api/v1/accounts/imports": { json: {} },
	"POST /console/exports": { fields: {} },
	"POST /console/exports/{id}/cancel": { fields: {} },
	...Object.fromEntries(["console", "board"].flatMap((surface) => ["invitations", "password-resets", "invitations/{id}",
	    "password-resets/{id}", "session/password", "sessions/end", "sessions/{id}/end"]
	    .map((target) => [`POST /${surface}/${target}`, { fields: {} }]))),
	...Object.fromEntries(["invitations", "password-resets", "invitations/{id}", "password-resets/{id}",
	    "accounts/{id}/invitation"].map((target) => [`POST /api/v1/${target}`, { json: {} }])),
	"POST /console/accounts/{id}/invitation": { fields: {} },
	"POST /console/confirmations/{id}": { fields: {} },
	"POST /console/notices/{id}/seen": { fields: {} },
	"POST /console/confirmation-links/{id}": { fields: {} },
	"POST /api/v1/confirmations/{id}": { json: {} },
	"POST /api/v1/notices/{id}/seen": { json: {} },
	"PUT /api/v1/session/password": { json: {} },
	"POST /console/session": { fields: { email: "" } },
	"POST /board/session": { fields: { email: "" } },
	"POST /console/deletions/count": { fields: { id: "none" } },
	"POST /api/v1/deletions/count": { json: {} },
	"POST /console/deletions": { fields: { id: "none" } },
	"POST /api/v1/deletions": { json: {} },
	"POST /console/erasures": { fields: {} },
	"POST /api/v1/erasures": { json: {} },
	"POST /console/erasures/{id}/withdraw": { fields: {} },
	"POST /console/erasures/{id}/deletion": { fields: {} },
	"POST /api/v1/erasures/{id}/deletion": { json: {} },
	"POST /console/session/end": { fields: {} },
	"POST /board/session/end": { fields: {} },
	"POST /api/v1/session/tenant": { json: { tenant: randomUUID() } },
	"POST /console/session/tenant": { fields: { tenant: randomUUID() } },
	"POST /board/session/tenant": { fields: { tenant: randomUUID() } },
};
// A stream does not end: a test reads only its head.
export const endless = ["GET /api/v1/events"];

// The table of `smartrecord routes`.
export async function allRoutes() {
	const { stdout } = await smartrecord(["routes"], {});
	return stdout.trim().split("\n").map((line) => {
		const [method, surface, right, path] = line.split(/\s+/);
		return { method, surface, right, path, key: `${method} ${path}` };
	});
}
