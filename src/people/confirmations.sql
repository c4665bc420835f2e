-- One value: the acts that wait for a second person and the notices not seen,
-- see confirmations_page().
select confirmations_page()
