#!/bin/sh
# nginx of docker/compose.yaml: HTTPS with HTTP/2 where a certificate is mounted, else plain HTTP.
set -eu
folder=${NGINX_FOLDER:-/etc/nginx}
configuration=$folder/nginx.conf
if [ -e "$folder/tls/tls.crt" ]; then configuration=$folder/nginx-tls.conf; fi
exec "${NGINX_PROGRAM:-nginx}" -e stderr -c "$configuration"
