/* What a browser says of itself, in words. Pure. */
#ifndef ONEPASS_AGENT_H
#define ONEPASS_AGENT_H

#include "base/words.h"

/* "Firefox sur Windows" of a User-Agent (RFC 9110, 10.1.5), as far as it can
 * be told; "Appareil inconnu" when nothing can. In the arena. */
const char	*agent_words(struct arena *, enum lang, const char *agent);

#endif
