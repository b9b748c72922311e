@echo off
rem Installs the console from the wheels beside this file, without a network. install.bat [FOLDER]
setlocal
chcp 65001 >nul
set "here=%~dp0"
set "target=%~1"
if "%target%"=="" set "target=%here%console110"
py -3.11 -c "import venv" 2>nul || (echo 需要 Python 3.11。Python 3.11 is needed. & exit /b 1)
py -3.11 -m venv --without-pip "%target%" || exit /b 1
set PIP_CONFIG_FILE=nul
set PIP_DISABLE_PIP_VERSION_CHECK=1
for %%w in ("%here%wheels\pip-*.whl") do (
  "%target%\Scripts\python.exe" "%%w\pip" --isolated install --quiet --no-index --require-hashes --find-links "%here%wheels" --requirement "%here%requirements.txt" || exit /b 1
)
echo 已安装，启动命令："%target%\Scripts\console110.exe" run
"%target%\Scripts\console110.exe" selftest
