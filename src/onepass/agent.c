/* Names a browser and its system from a User-Agent header, see agent.h. */
#include <string.h>

#include "onepass/agent.h"

struct sign {
	const char	*mark;
	const char	*name;
};

/*
 * The first match counts: the User-Agent of most browsers also contains the
 * names of browsers further down.
 */
static const struct sign browsers[] = {
	{ "Edg", "Edge" }, { "OPR/", "Opera" }, { "SamsungBrowser", "Samsung" },
	{ "Firefox/", "Firefox" }, { "FxiOS", "Firefox" },
	{ "Chrome/", "Chrome" }, { "CriOS", "Chrome" },
	{ "Safari/", "Safari" }, { "curl/", "curl" },
};
static const struct sign systems[] = {
	{ "iPhone", "iPhone" }, { "iPad", "iPad" }, { "Android", "Android" },
	{ "Windows", "Windows" }, { "Mac OS X", "macOS" },
	{ "CrOS", "ChromeOS" }, { "Linux", "Linux" },
};

static const char *
look_up(const struct sign *list, size_t n, const char *agent)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strstr(agent, list[i].mark) != NULL)
			return (list[i].name);
	return (NULL);
}

const char *
agent_words(struct arena *a, enum lang lang, const char *agent)
{
	const char	*browser, *system;

	browser = look_up(browsers, sizeof(browsers) / sizeof(browsers[0]),
	    agent);
	system = look_up(systems, sizeof(systems) / sizeof(systems[0]),
	    agent);
	if (browser != NULL && system != NULL)
		return (arena_printf(a, "%s %s %s", browser,
		    lang == LANG_EN ? "on" : "sur", system));
	if (browser == NULL && system == NULL)
		return (tr(lang, "Appareil inconnu"));
	return (browser != NULL ? browser : system);
}
