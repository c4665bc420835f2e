/* Temporary files without a name; see temporary.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/temporary.h"

/* Uses mkostemp(3) and unlink(2), since some file systems lack O_TMPFILE. */
int
temporary_open(const char *dir)
{
	char	*path;
	int	 fd;

	if (asprintf(&path, "%s/smartrecord-XXXXXX", dir) == -1)
		return (-1);
	if ((fd = mkostemp(path, O_CLOEXEC)) != -1)
		(void)unlink(path);
	free(path);
	return (fd);
}
