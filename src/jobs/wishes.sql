-- What people asked for on pages open to all becomes mails. How many wishes.
select mail_wishes() as wishes
