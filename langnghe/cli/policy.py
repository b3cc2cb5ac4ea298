"""Commands over the playbook: ``policy check``, ``policy show``, ``policy schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from langnghe.cli.output import AsJson, Home, ProfileFile, emit, say, settings_for
from langnghe.core.errors import InputError
from langnghe.core.policy.model import LevelRule, Policy

policy_app = typer.Typer(help="Kịch bản ứng phó.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's command group."""
    app.add_typer(policy_app, name="policy")


@policy_app.command("check")
def policy_check(
    file: Annotated[
        Path | None, typer.Argument(help="Tệp kịch bản (mặc định: bản kèm theo).")
    ] = None,
    profile: ProfileFile = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Coi điều cần xem lại như lỗi (mã thoát 1).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Kiểm tra kịch bản (và mức thường ngày kèm theo): nêu tệp, dòng và mục sai.

    Có --profile thì đối chiếu thêm: đơn vị có thay đổi riêng, vai chưa có ai giữ.
    """
    from langnghe.core.policy.baseline import load_baseline
    from langnghe.core.policy.loader import check_policy
    from langnghe.core.profile import load_profile

    policy, warnings = check_policy(file, load_profile(profile) if profile else None)
    load_baseline()
    levels = [level.name for level in policy.levels]
    if as_json:
        emit({"version": policy.version, "levels": levels, "warnings": warnings})
    else:
        say(f"Kịch bản hợp lệ, phiên bản {policy.version}: {', '.join(levels)}.")
        if warnings:
            say(f"Nên xem lại {len(warnings)} chỗ:")
        for line in warnings:
            say(line.replace("[", "\\["))
    if strict and warnings:
        raise typer.Exit(1)


@policy_app.command("schema")
def policy_schema() -> None:
    """In JSON Schema của kịch bản, để trình soạn thảo gợi ý và báo lỗi khi đang sửa."""
    from langnghe.core.policy.loader import schema_text

    typer.echo(schema_text(), nl=False)


@policy_app.command("show")
def policy_show(
    unit: Annotated[
        str | None, typer.Option(help="Mã đơn vị: kịch bản như đang áp dụng cho đơn vị ấy.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="Chỉ một mức, ví dụ «cam».")] = None,
    topic: Annotated[
        list[str] | None, typer.Option(help="Thêm việc riêng của chủ đề (dùng được nhiều lần).")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Tệp kịch bản (mặc định: tệp trong cấu hình).")
    ] = None,
    profile: ProfileFile = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """In kịch bản thành bảng dễ đọc: ai được báo, khi nào; việc gì, ai làm, hạn nào."""
    from langnghe.cli.policy_words import playbook_data, playbook_lines
    from langnghe.core.policy.loader import load_policy
    from langnghe.core.profile import load_profile

    settings = settings_for(home, profile=profile)
    policy = load_policy(file or settings.playbook)
    if unit is not None:
        chain = load_profile(settings.profile_path).chain(unit)
        if not chain:
            raise InputError(
                f"Không có đơn vị «{unit}» trong hồ sơ theo dõi.",
                mend="Dùng mã (id) của một đơn vị trong hồ sơ.",
            )
        policy = policy.for_units([above.id for above in chain])
    levels, topics = _levels(policy, level), tuple(topic or ())
    for name in topics:
        if name not in policy.topics:
            raise InputError(
                f"Không có chủ đề «{name}».", mend=f"Các chủ đề: {', '.join(policy.topics)}."
            )
    if as_json:
        emit(playbook_data(policy, levels, topics))
    else:
        for line in playbook_lines(policy, levels, topics):
            typer.echo(line)


def _levels(policy: Policy, wanted: str | None) -> tuple[LevelRule, ...]:
    if wanted is None:
        return policy.levels
    found = policy.level_id(wanted)
    if found is None:
        names = ", ".join(level.id for level in policy.levels)
        raise InputError(f"Không có mức «{wanted}».", mend=f"Các mức: {names}.")
    return (found,)
