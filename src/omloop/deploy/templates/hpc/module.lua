-- What trains << service.project >>, as a module of Lmod. make_environment.sh puts it beside the environment that it loads:
-- PREFIX/modulefiles/<< service.project >>/VERSION.lua and PREFIX/<< service.project >>/VERSION.
help("omloop, and the packages that train << service.project >>.")
whatis("Name: << service.project >>")
whatis("Version: " .. myModuleVersion())
whatis(<< description >>)

-- Where the cluster's Python is a module itself, name it:
-- depends_on("python/<< service.python >>")

local prefix = myFileName():match("^(.*)/modulefiles/")
local environment = pathJoin(prefix, "<< service.project >>", myModuleVersion())
setenv("VIRTUAL_ENV", environment)
prepend_path("PATH", pathJoin(environment, "bin"))
