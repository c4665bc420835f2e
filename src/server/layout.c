/* The layout; see layout.h. */
#include <string.h>

#include "server/assets.h"
#include "server/layout.h"

#define BRAND	"Smart Record AI"

static void
add_person(struct ctx *c, const struct view *view, json_t *layout)
{
	const struct person	*p = c->person;
	bool			 console = p->supervisor || p->administrator;

	json_object_set_new(layout, "person", json_pack("{s:s, s:s, s:s?}",
	    "name", p->name, "email", p->email,
	    "initials", words_initials(&c->arena, p->name)));
	json_object_set_new(layout, "tenant",
	    json_pack("{s:s}", "name", p->tenant_name));
	if (p->others[0] != '\0')
		json_object_set_new(layout, "others",
		    json_loads(p->others, 0, NULL));
	json_object_set_new(layout, "supervisor", json_boolean(p->supervisor));
	json_object_set_new(layout, "administrator",
	    json_boolean(p->administrator));
	json_object_set_new(layout, "manages", json_boolean(console));
	json_object_set_new(layout, "erases", json_boolean(p->administrator ||
	    person_supervises_all(p)));
	if (view->surface == CONSOLE)
		json_object_set_new(layout, "other_surface",
		    json_pack("{s:s+, s:s}", "href", ctx_origin(c, BOARD),
		    "/board/recordings",
		    "label", tr(c->lang, "Mes enregistrements")));
	else if (console)
		json_object_set_new(layout, "other_surface",
		    json_pack("{s:s+, s:s}", "href", ctx_origin(c, CONSOLE),
		    "/console", "label", tr(c->lang, "Console")));
}

/* {name, css, logo, contact} of the operator, or of the product. */
static json_t *
brand_model(struct ctx *c)
{
	const struct brand	*b = c->brand;
	json_t			*model;

	model = json_pack("{s:s}", "name", b == NULL ? BRAND : b->name);
	if (b != NULL && b->color[0] != '\0')
		json_object_set_new(model, "css", json_string(arena_printf(
		    &c->arena, "/brand/%s.css", b->color + 1)));
	if (b != NULL && b->logo[0] != '\0')
		json_object_set_new(model, "logo", json_string(arena_printf(
		    &c->arena, "/brand/%s.png", b->logo)));
	if (b != NULL && b->contact[0] != '\0')
		json_object_set_new(model, "contact",
		    json_string(b->contact));
	return (model);
}

json_t *
layout_model(struct ctx *c, const struct view *view)
{
	bool	 console = view->surface == CONSOLE;
	json_t	*layout;

	layout = json_pack(
	    "{s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:s}",
	    "lang", lang_tag(c->lang), "surface", console ? "console" :
	    "board", "is_console", console, "is_board", !console,
	    "base", view->base, "assets", assets_base(),
	    "request_id", c->request_id, "path", c->path,
	    "operator", brand_model(c),
	    "lang_fr", c->lang == LANG_FR, "lang_en", c->lang == LANG_EN,
	    "csrf", c->person == NULL ? "" : c->person->csrf);
	if (c->person != NULL)
		add_person(c, view, layout);
	return (layout);
}
