/*
 * The table of all URLs: method, surfaces, path, right, handler and page. The
 * router authenticates, and checks the right, the CSRF token and the surface
 * before it calls the handler. A row without a right does not compile.
 */
#include "audit/audit.h"
#include "deletions/deletions.h"
#include "erasures/erasures.h"
#include "exports/exports.h"
#include "onepass/onepass.h"
#include "people/people.h"
#include "recordings/recordings.h"
#include "server/assets.h"
#include "server/context.h"
#include "server/health.h"
#include "server/server.h"
#include "telephony/telephony.h"
#include "tenants/tenants.h"

#define ROUTE(m, s, path, right, handler, page, present)		\
	{ m, s, path, RIGHT_##right, handler, page, present, 0, false }
#define WRITE(m, s, path, right, handler, page, present)		\
	{ m, s, path, RIGHT_##right, handler, page, present, 65536,	\
	    false }

/* A file of 1 MB in a form; URL encoding makes up to three bytes of each. */
#define UPLOAD(m, s, path, right, handler, page, present)		\
	{ m, s, path, RIGHT_##right, handler, page, present, 3145728,	\
	    true }

const struct route routes[] = {
	/* root, health, assets */
	ROUTE(GET,    ROOT,  "/",		PUBLIC, home_root, NULL, NULL),
	ROUTE(GET,    ROOT,  "/healthz",	STATIC, health_live, NULL,
	    NULL),
	ROUTE(GET,    ROOT,  "/readyz",		STATIC, health_ready, NULL,
	    NULL),
	ROUTE(GET,    ROOT,  "/assets/{version}/{file}", STATIC, asset_get,
	    NULL, NULL),
	ROUTE(GET,    ROOT,  "/brand/{file}",	STATIC, brand_get, NULL, NULL),
	ROUTE(GET,    PAGES, "/accessibility",	PUBLIC, accessibility_page,
	    "accessibility", present_accessibility),

	/* OnePass */
	ROUTE(GET,    PAGES, "/sign-in",	PUBLIC, session_page,
	    "onepass/sign_in", present_sign_in),
	WRITE(POST,   EVERY, "/session",	PUBLIC, session_create,
	    "onepass/sign_in", present_sign_in),
	ROUTE(GET,    API,   "/session",	PERSON, session_get, NULL,
	    NULL),
	ROUTE(DELETE, API,   "/session",	PERSON, session_delete, NULL,
	    NULL),
	WRITE(POST,   PAGES, "/session/end",	PERSON, session_delete, NULL,
	    NULL),
	WRITE(POST,   EVERY, "/session/tenant",	PERSON, session_switch, NULL,
	    NULL),
	ROUTE(GET,    PAGES, "/invitations",	PUBLIC, link_ask_page,
	    "onepass/ask", NULL),
	WRITE(POST,   EVERY, "/invitations",	PUBLIC, link_ask, NULL, NULL),
	ROUTE(GET,    PAGES, "/invitations/{id}", PUBLIC, link_page,
	    "onepass/choose", NULL),
	WRITE(POST,   EVERY, "/invitations/{id}", PUBLIC, link_use, NULL, NULL),
	ROUTE(GET,    PAGES, "/password-resets", PUBLIC, link_ask_page,
	    "onepass/ask", NULL),
	WRITE(POST,   EVERY, "/password-resets", PUBLIC, link_ask, NULL, NULL),
	ROUTE(GET,    PAGES, "/password-resets/{id}", PUBLIC, link_page,
	    "onepass/choose", NULL),
	WRITE(POST,   EVERY, "/password-resets/{id}", PUBLIC, link_use, NULL,
	    NULL),
	ROUTE(GET,    PAGES, "/password",	PERSON, password_page,
	    "onepass/password", NULL),
	WRITE(PUT,    API,   "/session/password", PERSON, password_put, NULL,
	    NULL),
	WRITE(POST,   PAGES, "/session/password", PERSON, password_put, NULL,
	    NULL),
	ROUTE(GET,    EVERY, "/sessions",	PERSON, sessions_list,
	    "onepass/sessions", present_sessions),
	ROUTE(DELETE, API,   "/sessions",	PERSON, sessions_end, NULL,
	    NULL),
	ROUTE(DELETE, API,   "/sessions/{id}",	PERSON, sessions_end, NULL,
	    NULL),
	WRITE(POST,   PAGES, "/sessions/end",	PERSON, sessions_end, NULL,
	    NULL),
	WRITE(POST,   PAGES, "/sessions/{id}/end", PERSON, sessions_end, NULL,
	    NULL),
	WRITE(POST,   PAGES, "/language",	PUBLIC, language_set, NULL,
	    NULL),

	/* home page of each surface */
	ROUTE(GET,    CONSOLE, "",		ACCOUNTS, home_console, NULL,
	    NULL),
	ROUTE(GET,    BOARD, "",		PERSON, home_board, NULL, NULL),

	/* accounts */
	ROUTE(GET,    CONSOLE | API, "/accounts", ACCOUNTS, accounts_list,
	    "people/list", present_accounts),
	ROUTE(GET,    CONSOLE, "/accounts.csv", ADMINISTER, accounts_csv, NULL,
	    NULL),
	ROUTE(GET,    CONSOLE, "/accounts/imports", ADMINISTER, import_page,
	    "people/import", present_import),
	UPLOAD(POST,  CONSOLE | API, "/accounts/imports", ADMINISTER,
	    accounts_import, "people/import", present_import),
	ROUTE(GET,    CONSOLE | API, "/accounts/invitations", ADMINISTER,
	    invitations_get, "people/invitations", present_invitations),
	WRITE(POST,   CONSOLE | API, "/accounts/invitations", ADMINISTER,
	    invitations_send, NULL, NULL),
	WRITE(POST,   CONSOLE | API, "/accounts/{id}/invitation", ADMINISTER,
	    account_invitation, NULL, NULL),
	ROUTE(GET,    CONSOLE | API, "/accounts/{id}", ACCOUNTS, account_get,
	    "people/account", present_account),
	WRITE(PUT,    API,   "/accounts/{id}/profiles", ADMINISTER,
	    account_rights, NULL, NULL),
	WRITE(POST,   CONSOLE, "/accounts/{id}/profiles", ADMINISTER,
	    account_rights, NULL, NULL),

	/* acts that wait for a second person */
	ROUTE(GET,    CONSOLE | API, "/confirmations", OVERSEE,
	    confirmations_list, "people/confirmations",
	    present_confirmations),
	WRITE(POST,   CONSOLE | API, "/confirmations/{id}", OVERSEE,
	    confirmation_decide, NULL, NULL),
	WRITE(POST,   CONSOLE | API, "/notices/{id}/seen", OVERSEE,
	    notice_seen, NULL, NULL),
	ROUTE(GET,    CONSOLE, "/confirmation-links/{id}", PUBLIC,
	    confirmation_link_page, "people/confirmation_link",
	    present_confirmation_link),
	WRITE(POST,   CONSOLE, "/confirmation-links/{id}", PUBLIC,
	    confirmation_link_use, NULL, NULL),

	/* recordings */
	ROUTE(GET,    EVERY, "/recordings",	LISTEN, recordings_list,
	    "recordings/list", present_list),
	ROUTE(GET,    API,   "/recordings/days", LISTEN, recordings_per_day,
	    NULL, NULL),
	ROUTE(GET,    API,   "/events",		LISTEN, recordings_events, NULL,
	    NULL),
	ROUTE(GET,    EVERY, "/recordings/{id}", LISTEN, recording_get,
	    "recordings/detail", present_detail),
	ROUTE(GET,    EVERY, "/recordings/{id}/audio.mp3", LISTEN,
	    recording_audio, NULL, NULL),
	ROUTE(GET,    EVERY, "/recordings/{id}/peaks", LISTEN, recording_peaks,
	    NULL, NULL),
	ROUTE(GET,    EVERY, "/recordings/{id}/transcript.pdf", LISTEN,
	    recording_transcript, NULL, NULL),
	ROUTE(GET,    EVERY, "/recordings/{id}/archive.zip", LISTEN,
	    recording_archive, NULL, NULL),

	/* recording modes and telephones */
	ROUTE(GET,    CONSOLE | API, "/telephony", TELEPHONY,
	    telephony_services, "telephony/services", present_services),
	ROUTE(GET,    CONSOLE | API, "/telephony/activation", TELEPHONY,
	    telephony_accounts, "telephony/activation", present_activation),
	WRITE(PATCH,  API,   "/accounts",	TELEPHONY, recording_change,
	    NULL, NULL),
	WRITE(POST,   CONSOLE, "/accounts/recording", TELEPHONY,
	    recording_change, NULL, NULL),
	ROUTE(GET,    API,   "/telephones/{id}", TELEPHONY, telephone_get, NULL,
	    NULL),
	WRITE(PATCH,  API,   "/telephones/{id}", TELEPHONY, telephone_set, NULL,
	    NULL),
	WRITE(POST,   CONSOLE, "/accounts/{id}/telephones", TELEPHONY,
	    telephones_set, NULL, NULL),
	ROUTE(GET,    API,   "/recording-policy", ADMINISTER, recording_policy,
	    NULL, NULL),
	WRITE(POST,   API,   "/recording-policy/decisions", ADMINISTER,
	    recording_decide, NULL, NULL),
	ROUTE(GET,    CONSOLE, "/help",		TELEPHONY, telephony_help,
	    "telephony/help", present_help),
	ROUTE(GET,    BOARD, "/help",		PERSON, telephony_help,
	    "telephony/help", present_help),

	/* access log */
	ROUTE(GET,    CONSOLE | API, "/audit",	AUDIT, audit_list, "audit/list",
	    present_audit),
	ROUTE(GET,    CONSOLE, "/audit.csv",	AUDIT, audit_csv, NULL, NULL),

	/* deletions: count, confirm, receipt */
	WRITE(POST,   CONSOLE | API, "/deletions/count", DELETE_MANY,
	    deletion_count, NULL, NULL),
	WRITE(POST,   CONSOLE | API, "/deletions", DELETE_MANY, deletion_create,
	    NULL, NULL),
	ROUTE(GET,    CONSOLE | API, "/deletions/{id}", DELETE_MANY,
	    deletion_show, "deletions/receipt", present_deletion),

	/* erasing a number: request, confirmation, receipt */
	WRITE(POST,   CONSOLE | API, "/erasures", ADMINISTER, erasure_file,
	    NULL, NULL),
	ROUTE(GET,    CONSOLE | API, "/erasures", ERASURES, erasures_list,
	    "erasures/list", present_erasures),
	ROUTE(GET,    CONSOLE | API, "/erasures/{id}", ERASURES, erasure_show,
	    "erasures/show", present_erasure),
	ROUTE(DELETE, API,   "/erasures/{id}",	ADMINISTER, erasure_withdraw,
	    NULL, NULL),
	WRITE(POST,   CONSOLE, "/erasures/{id}/withdraw", ADMINISTER,
	    erasure_withdraw, NULL, NULL),
	ROUTE(GET,    CONSOLE, "/erasures/{id}/deletion", ERASE,
	    erasure_confirm, "erasures/confirm", present_erasure_confirm),
	WRITE(POST,   CONSOLE | API, "/erasures/{id}/deletion", ERASE,
	    erasure_carry_out, NULL, NULL),
	ROUTE(GET,    CONSOLE | API, "/erasures/{id}/receipt.pdf", ERASURES,
	    erasure_receipt, NULL, NULL),

	/* archives of many recordings */
	WRITE(POST,   CONSOLE | API, "/exports", EXPORT, export_create, NULL,
	    NULL),
	ROUTE(GET,    CONSOLE | API, "/exports", EXPORT, exports_list,
	    "exports/list", present_exports),
	ROUTE(GET,    CONSOLE | API, "/exports/{id}", EXPORT, export_show,
	    "exports/show", present_export),
	ROUTE(GET,    API,   "/exports/{id}/events", EXPORT, export_events,
	    NULL, NULL),
	ROUTE(DELETE, API,   "/exports/{id}",	EXPORT, export_cancel, NULL,
	    NULL),
	WRITE(POST,   CONSOLE, "/exports/{id}/cancel", EXPORT, export_cancel,
	    NULL, NULL),
	ROUTE(GET,    CONSOLE | API, "/exports/{id}/archive.zip", EXPORT,
	    export_archive, NULL, NULL),

	{ 0, 0, NULL, 0, NULL, NULL, NULL, 0, false }
};

const start_fn starts[] = {
	onepass_start, recordings_start, recordings_events_start, exports_start,
	NULL
};
