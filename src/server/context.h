/*
 * Everything about one request. The server fills it in before the handler
 * starts: route matched, person known, right, CSRF and surface checked.
 */
#ifndef SERVER_CONTEXT_H
#define SERVER_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/params.h"
#include "base/words.h"
#include "db/db.h"

enum surface {
	API	= 1,	/* /api/v1 */
	CONSOLE	= 2,	/* /console */
	BOARD	= 4,	/* /board */
	ROOT	= 8	/* outside: /, /assets, /healthz */
};
#define PAGES	(CONSOLE | BOARD)
#define EVERY	(API | CONSOLE | BOARD)

enum method { GET = 1, POST = 2, PUT = 4, PATCH = 8, DELETE = 16 };
/* HEAD is served by the GET row; the reply then drops the body. */

/*
 * Rights. No zero: a row without one does not compile.
 *   STATIC  anyone, and nobody is looked up: files of ours, health
 *   PUBLIC  anyone
 *   PERSON  signed in
 *   LISTEN  console: supervisors, over the team; board: anyone signed in,
 *           over their own; API: ?scope= chooses, team needs supervisor
 *   DELETE_MANY  supervisors, over the team; never on the board
 *   AUDIT   supervisors and administrators: who did what
 *   EXPORT  supervisors, over the team: many recordings at once
 *   ERASURES  requests to erase a number: administrators, supervisors of the
 *           whole customer
 *   ERASE   carrying them out: supervisors of the whole customer
 *   ACCOUNTS  supervisors and administrators: who is there
 *   TELEPHONY  the same: who is recorded, and how
 *   ADMINISTER  administrators: accounts and their rights, requests to erase,
 *           what the telephone side asks
 */
enum right {
	RIGHT_STATIC = 1, RIGHT_PUBLIC, RIGHT_PERSON, RIGHT_LISTEN,
	RIGHT_DELETE_MANY, RIGHT_AUDIT, RIGHT_EXPORT, RIGHT_ERASURES,
	RIGHT_ERASE, RIGHT_ACCOUNTS, RIGHT_TELEPHONY, RIGHT_ADMINISTER
};

/* The operator whose pages these are. */
struct brand {
	const char	*name;
	const char	*color;		/* "#1f5fa8"; "": the product's own */
	const char	*contact;	/* e-mail, or "" */
	const char	*logo;		/* SHA-256 of its PNG, hex, or "" */
};

/* What is to be found on the host that was asked. */
struct place {
	enum { PLACE_ALL, PLACE_CONSOLE, PLACE_BOARD, PLACE_MOVED } purpose;
	const char	*console_host;	/* not the board's: both set */
	const char	*board_host;
};

struct person {
	const char	*session_id;	/* of this session, for the log */
	const char	*id, *name, *email;
	const char	*tenant_id, *tenant_name, *time_zone;
	const char	*account_id;
	const char	*sites;		/* supervisor's: "all", "{1,2}"; "" */
	const char	*others;	/* customers to switch to: [{id, name}]
					 * as JSON; "": none */
	bool		 supervisor, administrator;
	const char	*csrf;		/* that forms and scripts send back */
};
/* Supervises the whole customer, not some of its sites. */
bool	person_supervises_all(const struct person *);

struct ctx;
struct route;
typedef void (*handler_fn)(struct ctx *);
/* What a page shows, from what the API answers: words, links, dates. Pure;
 * may run on a pool thread. model is borrowed; the result is owned by the
 * caller (json_decref). */
struct view {
	enum lang		 lang;
	enum surface		 surface;
	const char		*base;		/* "/console" or "/board" */
	const char		*path;		/* "/console/recordings" */
	const struct params	*query;
	const struct person	*person;	/* NULL: nobody signed in */
	const struct brand	*brand;		/* for files; or NULL */
	int64_t			 now_ms;
};
typedef json_t *(*present_fn)(const struct view *, json_t *model);

struct route {
	enum method	 method;
	unsigned	 surfaces;	/* of enum surface */
	const char	*path;		/* below the surface; {id}: capture */
	enum right	 right;
	handler_fn	 handler;
	const char	*page;		/* template "recordings/list" or NULL */
	present_fn	 present;	/* NULL: the model as it is */
	size_t		 body_max;	/* bytes; 0: no body */
};
/* src/routes.c; ends with path NULL. */
extern const struct route routes[];

struct ctx {
	struct arena		 arena;
	char			 request_id[17]; /* hex: header, log, page */
	const struct route	*route;
	enum surface		 surface;
	const char		*base;		/* "/api/v1", "/console", … */
	const char		*path;		/* whole path */
	const char		*id;		/* first capture or NULL */
	const char		*rest;		/* second capture or NULL */
	bool			 head;		/* HEAD: answer without body */
	enum lang		 lang;
	struct params		 query;
	struct params		 form;		/* POST from a page */
	json_t			*body;		/* of an API write, or NULL */
	const char		*address;	/* client's, text */
	const char		*host;		/* of Host, without port */
	const char		*authority;	/* Host, port and all */
	struct person		*person;	/* NULL: nobody */
	const struct brand	*brand;		/* NULL: nobody's host */
	struct place		 place;
	struct db_scope		 scope;		/* what the right allows here */
	void			*feature;	/* handler's, in the arena */
	struct request		*request;	/* server's own: Kore's side */
};

/* Where a surface is: "" on this host, else "https://host:port". */
const char	*ctx_origin(struct ctx *, enum surface);

/* Value of a request header (lower-case name) or NULL. */
const char	*ctx_header(struct ctx *, const char *name);
/* Value of a cookie or NULL. */
const char	*ctx_cookie(struct ctx *, const char *name);
/* Form field or member of the JSON body, as text; NULL when absent. */
const char	*ctx_field(struct ctx *, const char *name);
/* The same of a number, which the API's is. */
const char	*ctx_number(struct ctx *, const char *name);

/*
 * Asks the database in the context's scope (or the one given); the answer
 * function runs later, unless the client goes first. Errors of the database
 * are replied to by ask() itself: answer is called with OK only.
 */
typedef void (*ask_answer)(struct ctx *, enum result, struct db_rows *);
void	ask(struct ctx *, enum sql, const char *const *params, int n,
	    ask_answer);
/* The same, but every outcome goes to answer. */
void	ask_all(struct ctx *, enum sql, const char *const *params, int n,
	    ask_answer);
/* What ask() replies to an outcome other than OK. */
void	ask_failed(struct ctx *, enum result, struct db_rows *);

/*
 * Work on the thread pool bound to the request: run() gets arg only, then
 * answer() runs on the loop, unless the client went first; release(arg) is
 * called exactly once in the end, on the loop. Replies 503 when full. Work
 * whose client goes while it waits for its turn is not run; gone(arg), on the
 * loop, lets work under way give up.
 */
struct work {
	void	 (*run)(void *arg);
	void	 (*answer)(struct ctx *, void *arg);
	void	 (*release)(void *arg);	/* may be NULL */
	void	 (*gone)(void *arg);	/* likewise */
};
void	ctx_work(struct ctx *, const struct work *, void *arg);
/* Long work in steps, so that others get their turn: after each run() more(),
 * on the loop, says whether there is another step, which goes behind what
 * others wait for. A client that goes ends it after the step under way. */
void	ctx_work_steps(struct ctx *, const struct work *,
	    bool (*more)(void *arg), void *arg);
/* The same on a pool of the feature's own. */
struct pool;
void	ctx_work_in(struct ctx *, struct pool *, const struct work *,
	    void *arg);

#endif
