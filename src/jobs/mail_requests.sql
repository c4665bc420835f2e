-- Answers the stored requests for links with mails. One row: how many requests.
select mail_requests_answer() as requests
