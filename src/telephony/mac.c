/* Reads the hardware addresses of telephones, see mac.h. */
#include <stddef.h>
#include <string.h>

#include "telephony/mac.h"

bool
mac_read(const char *text, char mac[MAC_SIZE])
{
	static const char	 digits[] = "0123456789abcdefABCDEF";
	const char		*digit;
	size_t			 n = 0;

	for (; *text != '\0'; text++) {
		digit = strchr(digits, *text);
		if (digit != NULL && n < MAC_SIZE - 1)
			mac[n++] = digit - digits < 16 ? *digit :
			    digits[digit - digits - 6];
		else if (digit != NULL || strchr(":-.", *text) == NULL)
			return (false);
	}
	mac[n] = '\0';
	return (n == MAC_SIZE - 1);
}
