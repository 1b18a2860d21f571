FROM localhost/tenure-stand-in/like-alpine:bookworm
WORKDIR /home/ui-server
COPY --chown=temporal:temporal ui-server start-ui-server.sh ./
COPY --chown=temporal:temporal docker.yaml config/
USER temporal
EXPOSE 8080
ENTRYPOINT ["./start-ui-server.sh"]
