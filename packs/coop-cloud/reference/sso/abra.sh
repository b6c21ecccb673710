export IDP_VERSION=v1
