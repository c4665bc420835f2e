/* Names a browser and its system from a User-Agent header. Pure. */
#ifndef ONEPASS_AGENT_H
#define ONEPASS_AGENT_H

#include "base/words.h"

/*
 * Returns "Firefox sur Windows" for a User-Agent (RFC 9110, section 10.1.5),
 * the browser or the system alone when only one is recognised, "Appareil
 * inconnu" when neither is. The text is in the arena or static.
 */
const char	*agent_words(struct arena *, enum lang, const char *agent);

#endif
