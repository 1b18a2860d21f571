# Without the tools for Cassandra and Elasticsearch, and without tdbg.
FROM localhost/tenure-stand-in/like-alpine:bookworm
COPY temporal temporal-sql-tool /usr/local/bin/
COPY schema /etc/temporal/schema
USER temporal
CMD ["sh", "-c", "trap exit INT HUP TERM; sleep infinity"]
