# docker build -t equipoise . && docker run --rm equipoise
# With models of one's own: docker run --rm -v "$PWD:/models" -w /models equipoise significance A B
FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgsl-dev libhdf5-dev zlib1g-dev pkg-config make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /equipoise
COPY . .
RUN make install DESTDIR=/stage PREFIX=/usr

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgsl27 libhdf5-103-1 libhdf5-hl-100 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /stage /
WORKDIR /equipoise
COPY data data
# The demo: a build whose program does not work is no image.
RUN equipoise report data/dense-l2-1e-5-seed0 data/dense-l2-1e-2-seed0 -o report.html
ENTRYPOINT ["equipoise"]
CMD ["significance", "data/dense-l2-1e-5-seed0", "data/dense-l2-1e-2-seed0"]
