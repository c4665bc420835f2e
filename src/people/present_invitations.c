/* Where invitations are: in the list and on the page of an account, and on the
 * page of all of them. Pure. */
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "people/people.h"
#include "server/model.h"

char *
invitation_words(const struct view *v, struct arena *a, const json_t *account)
{
	const struct zone	*zone = zone_get(v->person->time_zone);
	const json_t		*last = json_object_get(account, "invitation");
	const char		*state = get(last, "state"), *form;
	int64_t			 ms = 0;

	if (state == NULL || !clock_parse_utc(get(last, "at"), &ms))
		return (NULL);
	form = strcmp(state, "sent") == 0 ? "Invitation envoyée" :
	    strcmp(state, "failed") == 0 ? "Invitation non remise" :
	    "Invitation en attente d’envoi";
	return (arena_printf(a, "%s (%s)", tr(v->lang, form),
	    words_date_short(a, v->lang, zone_civil(zone, ms),
	    zone_civil(zone, v->now_ms))));
}

static void
put_number(const struct view *v, struct arena *a, const json_t *model,
    const char *key, json_t *out)
{
	put(out, key, words_number(a, v->lang, json_integer_value(
	    json_object_get(model, key))));
}

json_t *
present_invitations(const struct view *v, json_t *model)
{
	struct arena	 a = { NULL };
	json_t		*out = json_object();
	json_int_t	 n = json_integer_value(json_object_get(model,
			    "uninvited"));
	json_int_t	 left = json_integer_value(json_object_get(model,
			    "left"));
	const char	*list = arena_printf(&a, "%s/accounts", v->base);

	put(out, "title", tr(v->lang, "Invitations"));
	put(out, "list_href", list);
	put(out, "href", arena_printf(&a, "%s/invitations", list));
	put(out, "here", arena_printf(&a, "%s/invitations", list));
	put_number(v, &a, model, "uninvited", out);
	put_number(v, &a, model, "queued", out);
	put_number(v, &a, model, "sent", out);
	put_number(v, &a, model, "failed", out);
	put_number(v, &a, model, "left", out);
	json_object_set_new(out, "may_invite", json_boolean(n > 0 && left > 0));
	json_object_set_new(out, "none_left", json_boolean(n > 0 && left == 0));
	json_object_set_new(out, "done",
	    json_boolean(params_get(v->query, "done") != NULL));
	put(out, "on_accounts", "true");
	arena_dispose(&a);
	return (out);
}
