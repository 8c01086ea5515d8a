# One image, two commands: `retail` serves the store (and is its command line), `retail-worker` works in the background.
#   docker build --tag retail --build-arg VERSION=1.2.3 .

# --- What is built.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
# Packages apart from sources: this layer is made anew only when a project file changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY Retail.Core/Retail.Core.csproj Retail.Core/
COPY Retail.Web/Retail.Web.csproj Retail.Web/
COPY Retail.Worker/Retail.Worker.csproj Retail.Worker/
# The job engine: Quartz, or Hangfire where the package feed has it.
ARG JOB_ENGINE=Quartz
RUN dotnet restore Retail.Worker --use-current-runtime -p:JobEngine=$JOB_ENGINE && \
    dotnet restore Retail.Web --use-current-runtime -p:PublishReadyToRun=true -p:JobEngine=$JOB_ENGINE
COPY QS-Catalog.md ./
COPY config config
COPY Retail.Core Retail.Core
COPY Retail.Web Retail.Web
COPY Retail.Worker Retail.Worker
# Both into one folder: what they share is there once, compiled ahead for a quick start by the web's turn, which is the second.
# Rules of style are the tests' business.
ARG VERSION=0.1.0
RUN options="--configuration Release --no-restore --use-current-runtime --self-contained false --output /app -p:Version=$VERSION -p:JobEngine=$JOB_ENGINE \
      -p:UseAppHost=false -p:DebugType=none -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false" && \
    dotnet publish Retail.Worker $options && \
    dotnet publish Retail.Web $options -p:PublishReadyToRun=true

# --- psql for `retail dbshell`, with the libraries that it alone needs.
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS psql
USER root
RUN dpkg-query --show --showformat '${binary:Package}\n' | sort > /before && \
    apt-get update && apt-get install -y --no-install-recommends postgresql-client && \
    mkdir -p /psql/usr/local/bin /psql/usr/local/lib && \
    cp -L "$(ls /usr/lib/postgresql/*/bin/psql)" /psql/usr/local/bin/ && \
    dpkg-query --show --showformat '${binary:Package}\n' | sort | comm -13 /before - > /new && \
    ldd /psql/usr/local/bin/psql | awk '$2 == "=>" { print $3 }' | while read -r library; do \
      owner=$(dpkg-query --search "$(readlink -f "$library")" "$library" 2>/dev/null | head -n 1 | cut -d' ' -f1 | sed 's/:$//'); \
      if grep -qx "$owner" /new; then cp -L "$library" /psql/usr/local/lib/; fi; \
    done && \
    ls -l /psql/usr/local/lib

# --- What runs.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
USER root
COPY --from=psql /psql /
COPY deploy/image/ /usr/local/bin/
RUN ldconfig && mkdir -p /var/log/retail /var/lib/retail && chown "$APP_UID:$APP_UID" /var/log/retail /var/lib/retail
COPY --from=build /app /app
ENV ASPNETCORE_URLS=http://+:8000 ASPNETCORE_HTTP_PORTS= Worker__HealthUrl=http://+:8081 Logs__Folder=/var/log/retail RETAIL_DATA=/var/lib/retail \
    DOTNET_EnableDiagnostics=0
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Retail" org.opencontainers.image.version="$VERSION"
WORKDIR /app
USER $APP_UID
EXPOSE 8000 8081
HEALTHCHECK --interval=5s --timeout=10s --start-period=180s --retries=3 CMD ["retail", "healthcheck"]
CMD ["retail"]
