#!/usr/bin/env bash
# Starts the store: installs what is missing, builds, serves on http://localhost:8000. Arguments go to the store (--help lists them).
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

# shellcheck source=scripts/needs.sh
source "$root/scripts/needs.sh"
need_dotnet
# With DATABASE_URL the store uses that server and starts none.
if [[ -z ${DATABASE_URL:-} ]] && ! has_postgres; then need_packages postgresql; fi

say "Building ..."
dotnet build "$root/Retail.Web/Retail.Web.csproj" --configuration Release --nologo --verbosity quiet >&2

export ASPNETCORE_ENVIRONMENT=${ASPNETCORE_ENVIRONMENT:-Development}
# The pages' files lie with the sources; the data folder stays where the store is, wherever it is started from.
export ASPNETCORE_CONTENTROOT=${ASPNETCORE_CONTENTROOT:-$root/Retail.Web}
# The promises that people edit, not the copy beside the program.
export Quality__Catalogue=${Quality__Catalogue:-$root/QS-Catalog.md}
export RETAIL_DATA=${RETAIL_DATA:-$root/.data}
# exec: Ctrl-C and stop signals reach the store itself.
exec dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" "$@"
