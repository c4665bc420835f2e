-- One value: where the invitations of the request's tenant are, see
-- accounts_invitations().
select accounts_invitations()
