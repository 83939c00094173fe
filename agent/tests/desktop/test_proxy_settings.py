"""How each desktop is told of the proxy, and of going direct again."""

from toktra_agent.desktop.proxy_settings import for_the_shell, named_services, switch_off, switch_on

PAC = "http://127.0.0.1:7557/proxy.pac"


def test_each_desktop_is_pointed_at_the_pac_file_and_back() -> None:
    assert switch_on("linux", PAC)[0][-2:] == ("autoconfig-url", PAC)
    assert switch_on("linux", PAC)[1][-1] == "auto"
    assert switch_off("linux")[0][-1] == "none"
    assert switch_on("darwin", PAC, ["Wi-Fi", "LAN"]) == [
        ("networksetup", "-setautoproxyurl", "Wi-Fi", PAC),
        ("networksetup", "-setautoproxyurl", "LAN", PAC),
    ]
    assert switch_off("darwin", ["Wi-Fi"]) == [("networksetup", "-setautoproxystate", "Wi-Fi", "off")]
    assert PAC in switch_on("win32", PAC)[0]
    assert switch_off("win32")[0][:2] == ("reg", "delete")


def test_macos_services_that_are_switched_off_are_left_alone() -> None:
    listed = (
        "An asterisk (*) denotes that a network service is disabled.\nWi-Fi\n*Thunderbolt Bridge\nUSB LAN\n"
    )
    assert named_services(listed) == ["Wi-Fi", "USB LAN"]
    assert named_services("") == []


def test_the_shell_is_told_by_a_variable() -> None:
    assert for_the_shell("127.0.0.1:7557") == "export HTTPS_PROXY=http://127.0.0.1:7557"
