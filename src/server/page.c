/* Pages; see page.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/mustache.h"
#include "server/assets.h"
#include "server/layout.h"
#include "server/page.h"
#include "server/request.h"

#define ON_POOL_BYTES	102400	/* larger models are rendered on the pool */
#define HTML		"text/html; charset=utf-8"

struct page_template {
	const char	*name;		/* "recordings/list" */
	struct mustache	*parsed[2];	/* by language */
};

static struct page_template	*templates;
static size_t		 template_count;

/* A page that is being made. It is in the arena of the request, which is not
 * freed before work on it ends. */
struct page {
	int			 status;
	const char		*name;
	present_fn		 present;
	struct view		 view;
	json_t			*layout;	/* owned */
	json_t			*model;		/* owned; NULL: use json */
	const char		*json;		/* in the arena, or NULL */
	size_t			 json_len;
	struct buf		 html;
};

static const struct mustache *
template_find(enum lang lang, const char *name)
{
	size_t	i;

	for (i = 0; i < template_count; i++)
		if (strcmp(templates[i].name, name) == 0)
			return (templates[i].parsed[lang]);
	return (NULL);
}

static void
template_parse(const struct embedded *e, const char *name, size_t n)
{
	struct page_template	*t;
	char			*why = NULL;
	int			 lang;

	templates = realloc(templates, (template_count + 1) * sizeof(*t));
	if (templates == NULL)
		log_fatal("event=out_of_memory");
	t = &templates[template_count++];
	t->name = strndup(name, n);
	for (lang = LANG_FR; lang <= LANG_EN; lang++)
		if ((t->parsed[lang] = mustache_parse(e->bytes, e->len,
		    (enum lang)lang, &why)) == NULL)
			log_fatal("event=bad_template name=%s why=\"%s\"",
			    e->name, why);
}

void
page_start(void)
{
	const struct embedded	*e;
	const char		*name;
	size_t			 n;

	words_start();
	for (e = embedded_files; e->name != NULL; e++) {
		n = strlen(e->name);
		if (strncmp(e->name, "templates/", 10) != 0 || n < 15 ||
		    strcmp(e->name + n - 5, ".html") != 0)
			continue;
		name = e->name + 10;
		template_parse(e, name, n - 15);
	}
}

/* {{> page}} in the layout is the template of this page. */
static const struct mustache *
page_partial(void *arg, const char *name)
{
	const struct page	*p = arg;

	return (template_find(p->view.lang,
	    strcmp(name, "page") == 0 ? p->name : name));
}

/* May run on a pool thread, so it uses only the page. */
static void
page_make(void *arg)
{
	struct page	*p = arg;
	json_t		*shown;

	if (p->model == NULL)
		p->model = json_loadb(p->json, p->json_len, 0, NULL);
	shown = p->present != NULL ? p->present(&p->view, p->model) :
	    json_incref(p->model);
	json_object_set_new(p->layout, "page", shown);
	mustache_render(template_find(p->view.lang, "layout"), p->layout,
	    page_partial, p, &p->html);
}

static void
page_reply(struct ctx *c, void *arg)
{
	struct page	*p = arg;

	reply_buf(c, p->status, HTML, &p->html);
}

static void
page_release(void *arg)
{
	struct page	*p = arg;

	json_decref(p->layout);
	json_decref(p->model);
	buf_dispose(&p->html);
}

static struct page *
page_new(struct ctx *c, int status, const char *name, present_fn present)
{
	struct page	*p = arena_alloc(&c->arena, sizeof(*p));
	struct params	*query;

	p->status = status;
	p->name = name;
	p->present = present;
	p->view.lang = c->lang;
	p->view.surface = c->surface == BOARD ? BOARD : CONSOLE;
	p->view.base = c->surface == BOARD ? "/board" : "/console";
	p->view.path = c->path;
	/* The context may be freed before the page, but not its arena, which
	 * has the list of the query. */
	query = arena_alloc(&c->arena, sizeof(*query));
	*query = c->query;
	p->view.query = query;
	p->view.person = c->person;
	p->view.now_ms = clock_now_ms();
	p->layout = layout_model(c, &p->view);
	return (p);
}

static void
page_now(struct ctx *c, struct page *p)
{
	page_make(p);
	page_reply(c, p);
	page_release(p);
}

void
page_of_rows(struct ctx *c, struct db_rows *rows)
{
	static const struct work	 work = {
		.run = page_make, .answer = page_reply,
		.release = page_release
	};
	struct page			*p;

	p = page_new(c, 200, c->route->page, c->route->present);
	p->json_len = db_length(rows, 0, 0);
	p->json = arena_strndup(&c->arena, db_value(rows, 0, 0), p->json_len);
	if (p->json_len < ON_POOL_BYTES)
		page_now(c, p);
	else
		ctx_work(c, &work, p);
}

void
reply_page(struct ctx *c, int status, const char *name, present_fn present,
    json_t *model)
{
	struct page	*p = page_new(c, status, name, present);

	p->model = model;
	page_now(c, p);
}

void
page_of_error(struct ctx *c, int status, json_t *error)
{
	struct page	*p = page_new(c, status, "error", NULL);

	json_object_set_new(error, "request_id", json_string(c->request_id));
	json_object_set_new(p->layout, "error", error);
	p->model = json_object();
	page_now(c, p);
}
