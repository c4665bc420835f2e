/*
 * The context of one request. The server fills it in before the handler
 * starts: it has matched the route, found the person, and checked the right,
 * the CSRF token and the surface.
 */
#ifndef SERVER_CONTEXT_H
#define SERVER_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/heavy.h"
#include "base/params.h"
#include "base/words.h"
#include "db/db.h"

enum surface {
	API	= 1,	/* /api/v1 */
	CONSOLE	= 2,	/* /console */
	BOARD	= 4,	/* /board */
	ROOT	= 8	/* none of them: /, /assets, /healthz */
};
#define PAGES	(CONSOLE | BOARD)
#define EVERY	(API | CONSOLE | BOARD)

enum method { GET = 1, POST = 2, PUT = 4, PATCH = 8, DELETE = 16 };
/* A GET route also serves HEAD; the reply then has no body. */

/*
 * Rights: who may use a route, and the scope of its queries. No right is 0, so
 * that a route without one does not compile. There is no session lookup for
 * STATIC.
 *   STATIC      anyone: assets, health
 *   PUBLIC      anyone
 *   PERSON      anyone signed in
 *   LISTEN      console: supervisors, for the team; board: anyone signed in,
 *               for their own recordings; API: ?scope= selects one of both
 *   DELETE_MANY supervisors, for the team; not on the board
 *   AUDIT       supervisors and administrators: the access log
 *   EXPORT      supervisors, for the team: archives of many recordings
 *   ERASURES    administrators, supervisors of the whole tenant: requests to
 *               erase a number
 *   ERASE       supervisors of the whole tenant: erasing a number
 *   OVERSEE     administrators, supervisors of the whole tenant: confirming
 *               acts of others
 *   ACCOUNTS    supervisors and administrators: the list of accounts
 *   TELEPHONY   supervisors and administrators: recording modes, telephones
 *   ADMINISTER  administrators: accounts, rights, requests to erase, the
 *               recording policy
 */
enum right {
	RIGHT_STATIC = 1, RIGHT_PUBLIC, RIGHT_PERSON, RIGHT_LISTEN,
	RIGHT_DELETE_MANY, RIGHT_AUDIT, RIGHT_EXPORT, RIGHT_ERASURES,
	RIGHT_ERASE, RIGHT_ACCOUNTS, RIGHT_TELEPHONY, RIGHT_ADMINISTER,
	RIGHT_OVERSEE
};

/* The brand of the operator of the person or of the host. */
struct brand {
	const char	*name;
	const char	*color;		/* "#1f5fa8"; "": the default */
	const char	*contact;	/* e-mail, or "" */
	const char	*logo;		/* SHA-256 of its PNG, hex, or "" */
};

/* What the host of the request serves: all surfaces, the console, the board,
 * or redirects to the board (MOVED). */
struct place {
	enum { PLACE_ALL, PLACE_CONSOLE, PLACE_BOARD, PLACE_MOVED } purpose;
	const char	*console_host;	/* set if the surfaces have */
	const char	*board_host;	/* different hosts, or NULL */
};

struct person {
	const char	*session_id;	/* of this session, for the log */
	const char	*id, *name, *email;
	const char	*tenant_id, *tenant_name, *time_zone;
	const char	*account_id;
	/* ids that clients see; the other ids are internal */
	const char	*public_id, *tenant_public_id;
	const char	*sites;		/* supervised: "all", "{1,2}", or "" */
	const char	*others;	/* other tenants, [{id, name}] as
					 * JSON; "" when there is none */
	bool		 supervisor, administrator;
	const char	*csrf;		/* CSRF token of the session */
};
/* Returns whether the person supervises all sites of the tenant. */
bool	person_supervises_all(const struct person *);

struct ctx;
struct route;
typedef void (*handler_fn)(struct ctx *);
/* Input of a present function besides the model. */
struct view {
	enum lang		 lang;
	enum surface		 surface;
	const char		*base;		/* "/console" or "/board" */
	const char		*path;		/* "/console/recordings" */
	const struct params	*query;
	const struct person	*person;	/* NULL: not signed in */
	const struct brand	*brand;		/* for files; or NULL */
	int64_t			 now_ms;
};
/* Makes the model of a page (formatted texts, links, dates) from the model
 * that the API sends. May run on a pool thread, so it uses only its arguments.
 * The caller keeps model and owns the result (json_decref). */
typedef json_t *(*present_fn)(const struct view *, json_t *model);

struct route {
	enum method	 method;
	unsigned	 surfaces;	/* of enum surface */
	const char	*path;		/* after the surface; {id}: capture */
	enum right	 right;
	handler_fn	 handler;
	const char	*page;		/* template "recordings/list" or NULL */
	present_fn	 present;	/* NULL: the model is unchanged */
	size_t		 body_max;	/* bytes; 0: no body */
	bool		 files;		/* a form may be multipart/form-data */
};
/* In src/routes.c. The last row has the path NULL. */
extern const struct route routes[];

struct ctx {
	struct arena		 arena;
	char			 request_id[65]; /* in header and log */
	const struct route	*route;
	enum surface		 surface;
	const char		*base;		/* "/api/v1", "/console", … */
	const char		*path;		/* the whole path */
	const char		*id;		/* first capture or NULL */
	const char		*rest;		/* second capture or NULL */
	bool			 head;		/* HEAD: reply without body */
	enum lang		 lang;
	struct params		 query;
	struct params		 form;		/* POST from a page */
	json_t			*body;		/* of an API write, or NULL */
	const char		*address;	/* of the client, not of a
						 * trusted proxy; as text */
	struct fair_key		 network;	/* of this address */
	const char		*host;		/* Host without the port */
	const char		*authority;	/* Host with the port */
	struct person		*person;	/* NULL: not signed in */
	bool			 rights_grown;	/* its session has ended, since
						 * its rights have grown */
	const struct brand	*brand;		/* NULL: no operator's host */
	struct place		 place;
	struct db_scope		 scope;		/* set by access_check(); its
						 * key by session_find() */
	struct request		*request;	/* used by src/server/ */
};

/* Origin of a surface: "" when it is on this host, or "https://host:port".
 * In the arena. */
const char	*ctx_origin(struct ctx *, enum surface);

/* Value of a request header (lower-case name) or NULL. */
const char	*ctx_header(struct ctx *, const char *name);
/* Value of a cookie or NULL. */
const char	*ctx_cookie(struct ctx *, const char *name);
/* Value of a form field, or of a string of the JSON body; NULL when it is
 * absent. */
const char	*ctx_field(struct ctx *, const char *name);
/* Like ctx_field(), for an integer: a number in the JSON body. */
const char	*ctx_number(struct ctx *, const char *name);

/*
 * Runs a query in the scope of the context. Calls answer() with the rows and
 * arg later, unless the client disconnects first, so arg should be in the
 * arena of the request. ask() itself replies to errors.
 */
typedef void (*ask_answer)(struct ctx *, struct db_rows *, void *arg);
void	ask(struct ctx *, enum sql, const char *const *params, int n,
	    ask_answer, void *arg);
/* Like ask(), for a query that may take long, as a search for words or a count:
 * it waits for its turn, see base/heavy.h. */
void	ask_heavy(struct ctx *, enum sql, const char *const *params, int n,
	    ask_answer, void *arg);
/* Like ask(), but calls answer() for errors too. */
typedef void (*ask_outcome)(struct ctx *, enum result, struct db_rows *,
	    void *arg);
void	ask_all(struct ctx *, enum sql, const char *const *params, int n,
	    ask_outcome, void *arg);
/*
 * Like ask_heavy(), for a query whose time depends on what a person searches
 * for. It may run for limit_ms, and for database_timeout_ms in any case; 0:
 * that only. Beyond, replies 422 (search-too-slow), which says what to narrow.
 */
void	ask_search(struct ctx *, int64_t limit_ms, enum sql,
	    const char *const *params, int n, ask_answer, void *arg);
/* Sends the reply of ask() to an outcome other than OK. */
void	ask_failed(struct ctx *, enum result, struct db_rows *);

/*
 * Work of a request on the thread pool. run() runs on a thread and uses only
 * arg. Then, on the loop, answer() is called unless the client has
 * disconnected, and release(arg) exactly once. When the client disconnects,
 * queued work is not run, and gone(arg) is called on the loop so that running
 * work can stop. Replies 429 when the customer has too much work waiting.
 */
struct work {
	void	 (*run)(void *arg);
	void	 (*answer)(struct ctx *, void *arg);
	void	 (*release)(void *arg);	/* may be NULL */
	void	 (*gone)(void *arg);	/* may be NULL */
};
void	ctx_work(struct ctx *, const struct work *, void *arg);
/* Runs long work in steps, so that other requests get a thread. After each
 * run(), more() is called on the loop and returns whether to queue another
 * step. When the client disconnects, the current step is the last one. */
void	ctx_work_steps(struct ctx *, const struct work *,
	    bool (*more)(void *arg), void *arg);
/* Like ctx_work(), for work that takes a core for long: it waits for its turn,
 * see base/heavy.h. */
void	ctx_work_heavy(struct ctx *, const struct work *, void *arg);
/* Like ctx_work_heavy(), on another pool, of another kind, and for the account
 * of key. */
struct pool;
void	ctx_work_turn(struct ctx *, struct pool *, enum heavy_kind,
	    const struct fair_key *, const struct work *, void *arg);

#endif
