FROM localhost/tenure-stand-in/like-alpine:bookworm
COPY mailpit /mailpit
EXPOSE 1025 8025
HEALTHCHECK --interval=15s --start-period=10s CMD ["/mailpit", "readyz"]
ENTRYPOINT ["/mailpit"]
